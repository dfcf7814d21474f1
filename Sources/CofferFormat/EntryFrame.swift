/// The frame around a sealed entry, and the entry's content (docs/format.md, "Entry frame").
package import CofferMemory
package import CofferModel

package enum EntryFrame {
    /// Entry id and length of the box.
    package static let headCount = EntryID.byteCount + 4

    /// The number of values that each field keeps of those that were replaced.
    package static let historyLimit = 10

    /// The bytes before the box.
    package static func head(id: EntryID, boxCount: Int) -> [UInt8] { id.bytes + bigEndian(UInt32(boxCount)) }

    /// Reads the bytes before the box: its id and the length of the box, which may be anything.
    package static func parseHead(_ bytes: borrowing Span<UInt8>) throws(FormatError) -> (id: EntryID, boxCount: Int) {
        guard bytes.count >= headCount, let id = EntryID(bytes.extracting(first: EntryID.byteCount)) else {
            throw .truncated
        }
        return (id, Int(bytes.bigEndian(at: EntryID.byteCount, count: 4)))
    }

    /// The number of bytes of the content of an entry's box.
    package static func contentCount(_ versions: EntryVersions) -> Int {
        var length = LengthSink()
        VersionCoding.encode(versions, into: &length)
        return length.count
    }

    /// Reads the content of an entry's box, which is `range` of `arena`.
    package static func parseContent(_ arena: SecretArena, _ range: Range<Int>) throws(FormatError) -> EntryVersions {
        guard range.count <= Limits.entryContent else { throw .limit("entry") }
        var cursor = CBORCursor(range)
        let versions = try VersionCoding.decode(arena, at: &cursor, of: .entry, depth: 0)
        try cursor.finish()
        return versions
    }
}
