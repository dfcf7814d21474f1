/// The key that everything in a vault hangs on, and what is derived from it (docs/format.md, "Keys").
package import CofferMemory

/// The random 256-bit key of one epoch of a vault. Every other key is a keyed BLAKE2b of a label under it.
package struct VaultKey: ~Copyable {
    package let bytes: SecretBytes

    /// The size of an epoch's public check value in bytes.
    package static let epochCheckCount = 16
    /// The size of a vault id and of an entry id in bytes.
    package static let idCount = 16

    /// Takes over the 32 bytes of the key.
    package init(_ bytes: consuming SecretBytes) {
        precondition(bytes.count == keyCount)
        self.bytes = bytes
    }

    /// A fresh vault key.
    package static func make(random: some RandomSource) -> VaultKey { VaultKey(random.makeSecret(count: keyCount)) }

    /// The bytes of the key once more, for another process that is to open the vault.
    package func copy() -> SecretBytes { SecretBytes(copying: bytes.span) }

    /// Compares in time that depends on the length only.
    package func isEqual(to other: SecretSlice) -> Bool { constantTimeEqual(bytes.span, other.span) }

    package func deriveHeaderKey() -> HeaderKey { HeaderKey(derive("coffer/1 header tag")) }
    package func deriveIndexKey() -> IndexKey { IndexKey(derive("coffer/1 index")) }
    package func deriveNonceKey() -> NonceKey { NonceKey(derive("coffer/1 nonce")) }
    package func deriveElementNameKey() -> ElementNameKey { ElementNameKey(derive("coffer/1 element names")) }
    package func deriveFingerprintKey() -> FingerprintKey { FingerprintKey(derive("coffer/1 fingerprint")) }
    package func deriveLocalStateKey() -> LocalStateKey { LocalStateKey(derive("coffer/1 local state")) }
    package func deriveReceiptKey() -> ReceiptKey { ReceiptKey(derive("coffer/1 receipt")) }

    /// The key of the entry with that id, which has 16 bytes.
    package func deriveEntryKey(id: borrowing Span<UInt8>) -> EntryKey {
        precondition(id.count == Self.idCount)
        var hasher = BLAKE2bHasher(key: bytes.span, count: keyCount)
        hasher.update("coffer/1 entry")
        hasher.update(id)
        return EntryKey(hasher.finishSecret())
    }

    /// The public value of 16 bytes by which an epoch's key is told from another's. The vault id has 16 bytes.
    package func deriveEpochCheck(vaultID: borrowing Span<UInt8>, epoch: UInt64) -> [UInt8] {
        precondition(vaultID.count == Self.idCount)
        var hasher = BLAKE2bHasher(key: bytes.span, count: Self.epochCheckCount)
        hasher.update("coffer/1 epoch check")
        hasher.update(vaultID)
        hasher.update(bigEndian: epoch)
        return hasher.finish()
    }

    private func derive(_ label: StaticString) -> SecretBytes {
        var hasher = BLAKE2bHasher(key: bytes.span, count: keyCount)
        hasher.update(label)
        return hasher.finishSecret()
    }
}
