/// Reads the integer keys of a map in their order (docs/format.md, "CBOR").

/// Tells for each key in turn whether it is there. Keys that are neither asked for nor in order are refused when the
/// map is
/// used up without them.
struct KeyReader {
    /// Pairs not yet read.
    private(set) var remaining: Int
    private var last: UInt64?

    init(pairs: Int) { remaining = pairs }

    /// Reads the next key if it is `key`; otherwise leaves it for a later call.
    mutating func next(
        _ key: UInt64, _ bytes: borrowing Span<UInt8>, _ cursor: inout CBORCursor
    ) throws(FormatError) -> Bool {
        guard remaining > 0, try cursor.peekMajor(bytes) == CBORMajor.unsigned else { return false }
        // Nearly every key is one byte, which is the key itself: then one comparison tells whether it is asked for.
        let head = UInt64(bytes[cursor.position])
        if head < 24 && head != key {
            if let last, head <= last { throw .notCanonical }
            return false
        }
        var ahead = cursor
        let found = try ahead.unsigned(bytes)
        if let last, found <= last { throw .notCanonical }
        guard found == key else { return false }
        cursor = ahead
        last = found
        remaining -= 1
        return true
    }

    /// Reads the next key, whichever it is; nil after the last pair. For maps none of whose keys is a must.
    mutating func next(_ bytes: borrowing Span<UInt8>, _ cursor: inout CBORCursor) throws(FormatError) -> UInt64? {
        guard remaining > 0 else { return nil }
        let key = try cursor.unsigned(bytes)
        if let last, key <= last { throw .notCanonical }
        last = key
        remaining -= 1
        return key
    }

    /// Refuses a map that has keys which were not asked for.
    func finish() throws(FormatError) {
        guard remaining == 0 else { throw .unexpected }
    }
}
