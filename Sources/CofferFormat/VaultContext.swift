/// Which vault and epoch bytes belong to, and the associated data that ties them to it (docs/format.md, "Sealed box").
import CofferCrypto
package import CofferModel

/// The vault id and the epoch: with them and the constants of the format, associated data is complete.
package struct VaultContext: Equatable, Sendable {
    package static let vaultIDCount = 16
    package static let formatVersion: UInt16 = 1
    package static let suite: UInt16 = 1

    /// Sixteen random bytes.
    package let vaultID: [UInt8]
    /// From 1; grows when the vault key is replaced.
    package let epoch: UInt64

    /// What all associated data begins with.
    private let associatedDataStart: [UInt8]

    package init(vaultID: [UInt8], epoch: UInt64) {
        self.vaultID = vaultID
        self.epoch = epoch
        let parts = [
            Array("coffer/1".utf8), bigEndian(Self.formatVersion), bigEndian(Self.suite), vaultID, bigEndian(epoch),
        ]
        associatedDataStart = parts.flatMap { bigEndian(UInt32($0.count)) + $0 }
    }

    /// Thirty-two bytes for the box of the entry `id`.
    package func entryAssociatedData(id: EntryID, paddedCount: Int) -> [UInt8] {
        associatedData(kind: "entry", [id.bytes, bigEndian(UInt64(paddedCount))])
    }

    /// Thirty-two bytes for the index that belongs to the header with this hash.
    package func indexAssociatedData(headerHash: [UInt8], paddedCount: Int) -> [UInt8] {
        associatedData(kind: "index", [headerHash, bigEndian(UInt64(paddedCount))])
    }

    /// Thirty-two bytes for a key slot: everything of it that is not made from the wrapping key.
    package func slotAssociatedData(_ slot: KeySlotParameters) -> [UInt8] {
        associatedData(
            kind: "slot",
            [
                slot.id, [slot.role.rawValue], [slot.kdf.number], bigEndian(slot.kdf.cost),
                bigEndian(slot.kdf.memoryKiB),
                slot.salt, bigEndian(UInt32(slot.flags.rawValue)),
            ])
    }

    /// Thirty-two bytes for a sealed note beside the vault (docs/sync.md, "Sealed notes").
    package func noteAssociatedData(kind: String, name: [UInt8], paddedCount: Int) -> [UInt8] {
        associatedData(kind: kind, [name, bigEndian(UInt64(paddedCount))])
    }

    /// Each part is preceded by its length, so no two lists of parts are the same bytes.
    private func associatedData(kind: String, _ parts: [[UInt8]]) -> [UInt8] {
        var message = associatedDataStart
        for part in [Array(kind.utf8)] + parts {
            message += bigEndian(UInt32(part.count))
            message += part
        }
        return BLAKE2b.hash(message.span, count: 32)
    }
}

/// The bytes of an integer, most significant first.
package func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    stride(from: value.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
}

extension Span<UInt8> {
    /// The integer in the `count` bytes from `offset` on, most significant first; they must be there.
    package func bigEndian(at offset: Int, count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 << 8 | UInt64(self[offset + $1]) }
    }
}
