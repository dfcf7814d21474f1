/// Writes deterministic CBOR (RFC 8949 §4.2.1; docs/format.md, "CBOR").
package import CofferMemory

/// Somewhere encoded bytes go. Encoding runs twice, first into a ``LengthSink``, so that secrets are written once, into
/// a buffer of
/// exactly their length.
package protocol CBORSink: ~Copyable {
    mutating func put(_ byte: UInt8)
    mutating func put(_ bytes: borrowing Span<UInt8>)
}

extension CBORSink where Self: ~Copyable {
    /// The head of an item: its major type and its argument in the fewest bytes.
    package mutating func putHead(_ major: UInt8, _ argument: UInt64) {
        let type = major << 5
        if argument < 24 { return put(type | UInt8(argument)) }
        // 24, 25, 26, 27 say that the argument follows in 1, 2, 4, 8 bytes.
        let code: UInt8 = argument <= 0xFF ? 24 : argument <= 0xFFFF ? 25 : argument <= 0xFFFF_FFFF ? 26 : 27
        put(type | code)
        let width = 1 << Int(code - 24)
        for shift in (0..<width).reversed() { put(UInt8(truncatingIfNeeded: argument >> (8 * UInt64(shift)))) }
    }

    package mutating func putUnsigned(_ value: UInt64) { putHead(CBORMajor.unsigned, value) }

    package mutating func putBytes(_ bytes: borrowing Span<UInt8>) {
        putHead(CBORMajor.bytes, UInt64(bytes.count))
        put(bytes)
    }

    package mutating func putBytes(_ bytes: [UInt8]) { putBytes(bytes.span) }

    /// `text` must be valid UTF-8, which whoever accepted it has checked.
    package mutating func putText(_ text: borrowing Span<UInt8>) {
        putHead(CBORMajor.text, UInt64(text.count))
        put(text)
    }

    package mutating func putText(_ text: String) { putText(Array(text.utf8).span) }

    package mutating func putArray(count: Int) { putHead(CBORMajor.array, UInt64(count)) }

    /// The caller writes the pairs with their keys ascending.
    package mutating func putMap(count: Int) { putHead(CBORMajor.map, UInt64(count)) }

    package mutating func putFlag(_ flag: Bool) { put(flag ? CBORSimple.true : CBORSimple.false) }

    package mutating func putNull() { put(CBORSimple.null) }
}

/// Major types (RFC 8949 §3.1).
package enum CBORMajor {
    package static let unsigned: UInt8 = 0
    package static let bytes: UInt8 = 2
    package static let text: UInt8 = 3
    package static let array: UInt8 = 4
    package static let map: UInt8 = 5
    package static let simple: UInt8 = 7
}

/// The simple values in use, as their whole encoding.
package enum CBORSimple {
    package static let `false`: UInt8 = 0xF4
    package static let `true`: UInt8 = 0xF5
    package static let null: UInt8 = 0xF6
}

/// Counts what would be written.
package struct LengthSink: CBORSink {
    package private(set) var count = 0

    package init() {}
    package mutating func put(_ byte: UInt8) { count += 1 }
    package mutating func put(_ bytes: borrowing Span<UInt8>) { count += bytes.count }
}

/// Collects bytes that are not secret.
package struct ArraySink: CBORSink {
    package private(set) var bytes: [UInt8] = []

    package init() {}
    package mutating func put(_ byte: UInt8) { bytes.append(byte) }
    package mutating func put(_ bytes: borrowing Span<UInt8>) {
        for index in 0..<bytes.count { self.bytes.append(bytes[index]) }
    }
}

/// Fills secret memory of a known length from an offset on.
package struct SecretSink: CBORSink, ~Copyable {
    private var target: SecretBytes
    private var position: Int

    package init(filling target: consuming SecretBytes, from offset: Int) {
        self.target = target
        position = offset
    }

    package mutating func put(_ byte: UInt8) {
        let position = position
        var span = target.mutableSpan
        span[position] = byte
        self.position = position + 1
    }

    package mutating func put(_ bytes: borrowing Span<UInt8>) {
        target.write(bytes, at: position)
        position += bytes.count
    }

    package consuming func finish() -> SecretBytes { target }
}

/// Fills wiped ordinary memory of a known length from an offset on.
package struct PrivateSink: CBORSink, ~Copyable {
    private var target: PrivateBytes
    private var position: Int

    package init(filling target: consuming PrivateBytes, from offset: Int) {
        self.target = target
        position = offset
    }

    package mutating func put(_ byte: UInt8) {
        let position = position
        var span = target.mutableSpan
        span[position] = byte
        self.position = position + 1
    }

    package mutating func put(_ bytes: borrowing Span<UInt8>) {
        target.write(bytes, at: position)
        position += bytes.count
    }

    package consuming func finish() -> PrivateBytes { target }
}
