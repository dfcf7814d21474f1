/// Reads and writes the vault header (docs/format.md, "Header").
package import CofferCrypto
import CofferMemory

/// The header as parsed. It is not authenticated until ``verifyTag`` has been called with the vault's header key.
package struct Header: Equatable, Sendable {
    package static let magic: [UInt8] = [0x89, 0x43, 0x4F, 0x46, 0x46, 0x45, 0x52, 0x0A]
    package static let fixedCount = 20
    package static let tagCount = 32
    package static let epochCheckCount = 16

    package let context: VaultContext
    package let epochCheck: [UInt8]
    /// Ascending by id, no id twice.
    package let slots: [KeySlot]
    /// The length of the index box in bytes.
    package let indexCount: Int
    /// The length of all entry frames in bytes.
    package let entriesCount: Int

    package init(
        context: VaultContext, epochCheck: [UInt8], slots: [KeySlot], indexCount: Int, entriesCount: Int
    ) {
        self.context = context
        self.epochCheck = epochCheck
        self.slots = slots.sorted { $0.parameters.id.lexicographicallyPrecedes($1.parameters.id) }
        self.indexCount = indexCount
        self.entriesCount = entriesCount
    }

    /// The fixed part and the body: what the tag is made over.
    package var encodedWithoutTag: [UInt8] {
        var body = ArraySink()
        body.putMap(count: 6)
        body.putUnsigned(0)
        body.putBytes(context.vaultID)
        body.putUnsigned(1)
        body.putUnsigned(context.epoch)
        body.putUnsigned(2)
        body.putBytes(epochCheck)
        body.putUnsigned(3)
        body.putArray(count: slots.count)
        for slot in slots { body.put(slot.encoded.span) }
        body.putUnsigned(4)
        body.putUnsigned(UInt64(indexCount))
        body.putUnsigned(5)
        body.putUnsigned(UInt64(entriesCount))
        return Self.magic + bigEndian(VaultContext.formatVersion) + bigEndian(VaultContext.suite) + bigEndian(UInt32(0))
            + bigEndian(UInt32(body.bytes.count)) + body.bytes
    }

    /// The whole header with its tag.
    package func serialized(key: borrowing HeaderKey) -> [UInt8] {
        let message = encodedWithoutTag
        return message + BLAKE2b.keyed(key: key.bytes.span, message: message.span, count: Self.tagCount)
    }

    /// Whether `bytes` begin as every vault file does.
    package static func isMagic(_ bytes: borrowing Span<UInt8>) -> Bool {
        guard bytes.count >= magic.count else { return false }
        for index in 0..<magic.count where bytes[index] != magic[index] { return false }
        return true
    }

    /// The number of bytes of the whole header, read from its fixed part, which refuses what is no vault of this
    /// version.
    package static func totalCount(fixedPart bytes: borrowing Span<UInt8>) throws(FormatError) -> Int {
        guard isMagic(bytes) else { throw .notAVault }
        guard bytes.count >= fixedCount else { throw .truncated }
        guard bytes.bigEndian(at: 8, count: 2) == UInt64(VaultContext.formatVersion) else {
            throw .unsupported("format version \(bytes.bigEndian(at: 8, count: 2))")
        }
        guard bytes.bigEndian(at: 10, count: 2) == UInt64(VaultContext.suite) else {
            throw .unsupported("cipher suite \(bytes.bigEndian(at: 10, count: 2))")
        }
        guard bytes.bigEndian(at: 12, count: 4) == 0 else { throw .unsupported("a critical flag") }
        let bodyCount = bytes.bigEndian(at: 16, count: 4)
        guard bodyCount <= UInt64(Limits.headerBody) else { throw .limit("header body") }
        return fixedCount + Int(bodyCount) + tagCount
    }

    /// Reads a whole header, tag included but not verified.
    package static func parse(_ bytes: borrowing Span<UInt8>) throws(FormatError) -> Header {
        let total = try totalCount(fixedPart: bytes)
        guard bytes.count >= total else { throw .truncated }
        guard bytes.count == total else { throw .leftover }
        var cursor = CBORCursor(fixedCount..<total - tagCount)
        var keys = KeyReader(pairs: try cursor.map(bytes, atMost: 6))
        func key(_ key: UInt64) throws(FormatError) {
            guard try keys.next(key, bytes, &cursor) else { throw .unexpected }
        }
        try key(0)
        let vaultID = try cursor.byteString(bytes, count: VaultContext.vaultIDCount).map { bytes[$0] }
        try key(1)
        let epoch = try cursor.unsigned(bytes)
        guard epoch >= 1 else { throw .unexpected }
        guard epoch <= Limits.epoch else { throw .limit("key epoch") }
        try key(2)
        let epochCheck = try cursor.byteString(bytes, count: epochCheckCount).map { bytes[$0] }
        try key(3)
        let slots = try parseSlots(bytes, at: &cursor)
        try key(4)
        let indexCount = try cursor.unsigned(bytes)
        try key(5)
        let entriesCount = try cursor.unsigned(bytes)
        try keys.finish()
        try cursor.finish()
        guard indexCount <= UInt64(Limits.file), entriesCount <= UInt64(Limits.file),
            UInt64(total) + indexCount + entriesCount <= UInt64(Limits.file)
        else { throw .limit("file") }
        return Header(
            context: VaultContext(vaultID: vaultID, epoch: epoch), epochCheck: epochCheck, slots: slots,
            indexCount: Int(indexCount), entriesCount: Int(entriesCount))
    }

    private static func parseSlots(
        _ bytes: borrowing Span<UInt8>, at cursor: inout CBORCursor
    ) throws(FormatError) -> [KeySlot] {
        let count = try cursor.array(bytes, atMost: .max)
        guard count >= 1 else { throw .unexpected }
        guard count <= Limits.keySlots else { throw .limit("key slots in the header") }
        var slots: [KeySlot] = []
        for _ in 0..<count {
            let slot = try KeySlot.parse(bytes, at: &cursor)
            if let last = slots.last, !last.parameters.id.lexicographicallyPrecedes(slot.parameters.id) {
                throw .notCanonical
            }
            slots.append(slot)
        }
        return slots
    }

    /// Whether the last bytes of `serialized` are the tag of the rest under `key`.
    package static func verifyTag(_ serialized: borrowing Span<UInt8>, key: borrowing HeaderKey) -> Bool {
        guard serialized.count > tagCount else { return false }
        let message = serialized.extracting(0..<serialized.count - tagCount)
        let tag = BLAKE2b.keyed(key: key.bytes.span, message: message, count: tagCount)
        return constantTimeEqual(tag.span, serialized.extracting(last: tagCount))
    }

    /// What the index's associated data holds of the header: the hash of all its bytes.
    package static func hash(_ serialized: borrowing Span<UInt8>) -> [UInt8] {
        BLAKE2b.hash(serialized, count: 32)
    }
}
