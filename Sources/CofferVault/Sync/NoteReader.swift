/// Reads the content of a sealed note item by item (docs/sync.md, "Sealed notes").
import CofferFormat

/// Canonical CBOR in ordinary memory: labels, times and places are private, not secret.
struct NoteReader {
    private let bytes: [UInt8]
    private var cursor: CBORCursor

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        cursor = CBORCursor(0..<bytes.count)
    }

    mutating func unsigned() throws(FormatError) -> UInt64 {
        try read { cursor, bytes throws(FormatError) in try cursor.unsigned(bytes.span) }
    }

    mutating func flag() throws(FormatError) -> Bool {
        try read { cursor, bytes throws(FormatError) in try cursor.flag(bytes.span) }
    }

    mutating func byteString() throws(FormatError) -> [UInt8] {
        try read { cursor, bytes throws(FormatError) in try cursor.byteString(bytes.span).map { bytes[$0] } }
    }

    mutating func byteString(count: Int) throws(FormatError) -> [UInt8] {
        let content = try byteString()
        guard content.count == count else { throw .unexpected }
        return content
    }

    mutating func text() throws(FormatError) -> String {
        try read { cursor, bytes throws(FormatError) in
            String(decoding: try cursor.text(bytes.span).map { bytes[$0] }, as: UTF8.self)
        }
    }

    mutating func array(atMost maximum: Int) throws(FormatError) -> Int {
        try read { cursor, bytes throws(FormatError) in try cursor.array(bytes.span, atMost: maximum) }
    }

    /// Reads the head of an array of exactly `count` items.
    mutating func array(count: Int) throws(FormatError) {
        guard try array(atMost: count) == count else { throw .unexpected }
    }

    private mutating func read<Item>(
        _ body: (inout CBORCursor, [UInt8]) throws(FormatError) -> Item
    ) throws(FormatError) -> Item {
        var next = cursor
        let item = try body(&next, bytes)
        cursor = next
        return item
    }

    func finish() throws(FormatError) { try cursor.finish() }
}
