/// Values as they cross the agent's socket: one CBOR item after another (docs/agent.md, "Messages").
package import CofferFormat
package import CofferMemory

/// What can be part of a request or an answer. Both sides are Coffer, so values stand in a fixed order without names;
/// a message that holds more or less than its reader knows is refused as a whole.
package protocol WireValue {
    func write(to sink: inout WireSink)
    init(from reader: inout WireReader) throws(FormatError)
}

/// Collects a message in locked memory.
package struct WireSink: ~Copyable, CBORSink {
    private var builder: SecretBuilder

    package init(capacity: Int = 1024) { builder = SecretBuilder(capacity: capacity) }

    package mutating func put(_ byte: UInt8) { builder.append(byte) }
    package mutating func put(_ bytes: borrowing Span<UInt8>) { builder.append(bytes) }
    package mutating func put(_ value: some WireValue) { value.write(to: &self) }

    /// The message so far.
    package consuming func finish() -> SecretBytes { builder.finish() }
}

/// Reads a message; texts and bytes that may be secret stay in its arena.
package struct WireReader {
    package let arena: SecretArena
    package var cursor: CBORCursor

    package init(_ message: consuming SecretBytes) {
        let count = message.count
        arena = SecretArena(message)
        cursor = CBORCursor(0..<count)
    }

    package mutating func read<Value: WireValue>(
        _ type: Value.Type = Value.self
    ) throws(FormatError) -> Value {
        try Value(from: &self)
    }

    // The arena is copied to a local constant: its span is lent while the cursor moves.

    package mutating func unsigned() throws(FormatError) -> UInt64 {
        let arena = arena
        return try cursor.unsigned(arena.span)
    }

    mutating func flag() throws(FormatError) -> Bool {
        let arena = arena
        return try cursor.flag(arena.span)
    }

    mutating func arrayCount(atMost maximum: Int = .max) throws(FormatError) -> Int {
        let arena = arena
        return try cursor.array(arena.span, atMost: maximum)
    }

    mutating func byteRange() throws(FormatError) -> Range<Int> {
        let arena = arena
        return try cursor.byteString(arena.span)
    }

    mutating func text() throws(FormatError) -> String {
        let arena = arena
        return arena.span.plainText(try cursor.text(arena.span))
    }

    /// Bytes that are not secret.
    package mutating func bytes() throws(FormatError) -> [UInt8] {
        let arena = arena
        return try byteRange().map { arena.span[$0] }
    }

    /// An array whose length is checked before anything of it is read.
    package mutating func read<Element: WireValue>(
        _ type: [Element].Type = [Element].self, atMost maximum: Int
    ) throws(FormatError) -> [Element] {
        let count = try arrayCount(atMost: maximum)
        var elements: [Element] = []
        for _ in 0..<count { elements.append(try read(Element.self)) }
        return elements
    }

    /// Refuses what follows the last value.
    package func finish() throws(FormatError) { try cursor.finish() }
}

// MARK: Plain values

extension Bool: WireValue {
    package func write(to sink: inout WireSink) { sink.putFlag(self) }
    package init(from reader: inout WireReader) throws(FormatError) {
        self = try reader.flag()
    }
}

extension UInt64: WireValue {
    package func write(to sink: inout WireSink) { sink.putUnsigned(self) }
    package init(from reader: inout WireReader) throws(FormatError) { self = try reader.unsigned() }
}

/// A number of things, which is never negative.
extension Int: WireValue {
    package func write(to sink: inout WireSink) { sink.putUnsigned(UInt64(Swift.max(0, self))) }
    package init(from reader: inout WireReader) throws(FormatError) {
        guard let number = Int(exactly: try reader.unsigned()) else { throw .unexpected }
        self = number
    }
}

/// A time, which may lie before 1970.
extension Int64: WireValue {
    package func write(to sink: inout WireSink) { sink.putUnsigned(UInt64(bitPattern: self)) }
    package init(from reader: inout WireReader) throws(FormatError) {
        self = Int64(bitPattern: try reader.unsigned())
    }
}

/// An errno.
extension Int32: WireValue {
    package func write(to sink: inout WireSink) { sink.putUnsigned(UInt64(UInt32(bitPattern: self))) }
    package init(from reader: inout WireReader) throws(FormatError) {
        guard let number = UInt32(exactly: try reader.unsigned()) else { throw .unexpected }
        self = Int32(bitPattern: number)
    }
}

/// Text that is private and not secret.
extension String: WireValue {
    package func write(to sink: inout WireSink) { sink.putText(self) }
    package init(from reader: inout WireReader) throws(FormatError) {
        self = try reader.text()
    }
}

/// Bytes that may be secret.
extension SecretSlice: WireValue {
    package func write(to sink: inout WireSink) { sink.putBytes(span) }
    package init(from reader: inout WireReader) throws(FormatError) {
        let range = try reader.byteRange()
        self.init(arena: reader.arena, offset: range.lowerBound, count: range.count)
    }
}

extension Optional: WireValue where Wrapped: WireValue {
    package func write(to sink: inout WireSink) {
        sink.putFlag(self != nil)
        if let self { self.write(to: &sink) }
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self = try reader.read(Bool.self) ? try reader.read(Wrapped.self) : nil
    }
}

extension Array: WireValue where Element: WireValue {
    package func write(to sink: inout WireSink) {
        sink.putArray(count: count)
        for element in self { element.write(to: &sink) }
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        let count = try reader.arrayCount()
        self = []
        // Every element takes a byte at least.
        reserveCapacity(Swift.min(count, 4096))
        for _ in 0..<count { append(try reader.read(Element.self)) }
    }
}

/// How much a request may ask for at once.
enum RequestLimits {
    static let words = 64
    static let tags = 64
    static let states = 3
    static let fields = 256
    /// Of one name: the codes of a set, with their lengths.
    static let parts = 4096
    static let ids = 10_000
    static let paths = 10_000
    static let edits = 10_000
}

/// An answer that says only that it was done.
package struct Done: WireValue {
    package init() {}
    package func write(to sink: inout WireSink) {}
    package init(from reader: inout WireReader) throws(FormatError) {}
}
