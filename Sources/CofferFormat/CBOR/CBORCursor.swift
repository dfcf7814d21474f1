/// Reads deterministic CBOR and accepts nothing else (RFC 8949 §4.2.1; docs/format.md, "CBOR").
import CofferMemory

/// A position in bytes that are passed to every call, because a span cannot be kept.
///
/// Every method either reads one whole item in its canonical form or throws; none traps, whatever the bytes are.
package struct CBORCursor {
    package var position: Int
    /// Reading stops here.
    package let end: Int

    package init(_ range: Range<Int>) {
        position = range.lowerBound
        end = range.upperBound
    }

    package var isAtEnd: Bool { position == end }

    /// Refuses what is left over.
    package func finish() throws(FormatError) {
        guard isAtEnd else { throw .leftover }
    }

    /// The major type of the next item, without reading it.
    package func peekMajor(_ bytes: borrowing Span<UInt8>) throws(FormatError) -> UInt8 {
        guard position < end else { throw .truncated }
        return bytes[position] >> 5
    }

    package mutating func unsigned(_ bytes: borrowing Span<UInt8>) throws(FormatError) -> UInt64 {
        try argument(CBORMajor.unsigned, bytes)
    }

    /// The number of items, at most `maximum`.
    package mutating func array(_ bytes: borrowing Span<UInt8>, atMost maximum: Int) throws(FormatError) -> Int {
        try count(CBORMajor.array, bytes, maximum, perItem: 1)
    }

    /// The number of pairs, at most `maximum`.
    package mutating func map(_ bytes: borrowing Span<UInt8>, atMost maximum: Int) throws(FormatError) -> Int {
        try count(CBORMajor.map, bytes, maximum, perItem: 2)
    }

    /// The range of the content of a byte string.
    package mutating func byteString(_ bytes: borrowing Span<UInt8>) throws(FormatError) -> Range<Int> {
        try content(CBORMajor.bytes, bytes)
    }

    /// The range of the content of a byte string of exactly `count` bytes.
    package mutating func byteString(_ bytes: borrowing Span<UInt8>, count: Int) throws(FormatError) -> Range<Int> {
        let range = try byteString(bytes)
        guard range.count == count else { throw .unexpected }
        return range
    }

    /// The range of the content of a text string, which is valid UTF-8.
    package mutating func text(_ bytes: borrowing Span<UInt8>) throws(FormatError) -> Range<Int> {
        let range = try content(CBORMajor.text, bytes)
        guard isValidUTF8(bytes.extracting(range)) else { throw .invalidText }
        return range
    }

    package mutating func flag(_ bytes: borrowing Span<UInt8>) throws(FormatError) -> Bool {
        switch try simple(bytes) {
        case CBORSimple.true: true
        case CBORSimple.false: false
        default: throw .unexpected
        }
    }

    package mutating func null(_ bytes: borrowing Span<UInt8>) throws(FormatError) {
        guard try simple(bytes) == CBORSimple.null else { throw .unexpected }
    }

    /// Reads one item of any type that is in use, and everything in it; `depth` arrays and maps are around it.
    package mutating func skip(_ bytes: borrowing Span<UInt8>, depth: Int) throws(FormatError) {
        let major = try peekMajor(bytes)
        guard depth < Limits.nesting || (major != CBORMajor.array && major != CBORMajor.map) else {
            throw .limit("CBOR nesting")
        }
        switch major {
        case CBORMajor.unsigned: _ = try unsigned(bytes)
        case CBORMajor.bytes: _ = try byteString(bytes)
        case CBORMajor.text: _ = try text(bytes)
        case CBORMajor.simple: _ = try simple(bytes)
        case CBORMajor.array:
            for _ in 0..<(try array(bytes, atMost: .max)) { try skip(bytes, depth: depth + 1) }
        case CBORMajor.map:
            var last: Range<Int>?
            for _ in 0..<(try map(bytes, atMost: .max)) {
                let start = position
                try skip(bytes, depth: depth + 1)
                let key = start..<position
                if let last { try Self.requireAscending(last, key, bytes) }
                last = key
                try skip(bytes, depth: depth + 1)
            }
        default: throw .unexpected
        }
    }

    /// Refuses two neighbours whose encodings do not ascend.
    package static func requireAscending(
        _ one: Range<Int>, _ two: Range<Int>, _ bytes: borrowing Span<UInt8>
    ) throws(FormatError) {
        for offset in 0..<min(one.count, two.count) {
            let left = bytes[one.lowerBound + offset]
            let right = bytes[two.lowerBound + offset]
            if left < right { return }
            guard left == right else { throw .notCanonical }
        }
        guard one.count < two.count else { throw .notCanonical }
    }

    private mutating func simple(_ bytes: borrowing Span<UInt8>) throws(FormatError) -> UInt8 {
        guard position < end else { throw .truncated }
        let byte = bytes[position]
        guard byte >= CBORSimple.false && byte <= CBORSimple.null else { throw .unexpected }
        position += 1
        return byte
    }

    private mutating func content(_ major: UInt8, _ bytes: borrowing Span<UInt8>) throws(FormatError) -> Range<Int> {
        let length = try argument(major, bytes)
        guard length <= UInt64(end - position) else { throw .truncated }
        let start = position
        position += Int(length)
        return start..<position
    }

    /// Items take at least one byte each, so a count larger than the rest is refused before anything is reserved for
    /// it.
    private mutating func count(
        _ major: UInt8, _ bytes: borrowing Span<UInt8>, _ maximum: Int, perItem: Int
    ) throws(FormatError) -> Int {
        let count = try argument(major, bytes)
        guard count <= UInt64((end - position) / perItem) else { throw .truncated }
        guard count <= UInt64(maximum) else { throw .unexpected }
        return Int(count)
    }

    @inline(__always)
    private mutating func argument(_ major: UInt8, _ bytes: borrowing Span<UInt8>) throws(FormatError) -> UInt64 {
        guard position < end else { throw .truncated }
        let head = bytes[position]
        guard head >> 5 == major else { throw .unexpected }
        let low = head & 0x1F
        guard low < 24 else { return try longArgument(low, bytes) }
        position += 1
        return UInt64(low)
    }

    /// An argument in the bytes that follow the head.
    private mutating func longArgument(_ low: UInt8, _ bytes: borrowing Span<UInt8>) throws(FormatError) -> UInt64 {
        guard low <= 27 else { throw .notCanonical }
        let width = 1 << Int(low - 24)
        guard end - position > width else { throw .truncated }
        var value: UInt64 = 0
        for offset in 1...width { value = value << 8 | UInt64(bytes[position + offset]) }
        // The shortest form only: a value that fits the next narrower width is refused.
        let least: UInt64 = width == 1 ? 24 : 1 << (UInt64(width) * 4)
        guard value >= least else { throw .notCanonical }
        position += 1 + width
        return value
    }
}

/// Whether `bytes` are valid UTF-8. Most are ASCII, which is seen without the full check.
package func isValidUTF8(_ bytes: borrowing Span<UInt8>) -> Bool {
    isASCII(bytes) || (try? UTF8Span(validating: copy bytes)) != nil
}
