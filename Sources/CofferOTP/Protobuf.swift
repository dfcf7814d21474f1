/// The wire form of protobuf messages (protobuf.dev, "Encoding"): as much of it as Google Authenticator's export has.
import CofferMemory

/// One field of a message: its number and its value.
struct ProtobufField {
    enum Value {
        /// A number; a negative one as its 64 bits in two's complement.
        case varint(UInt64)
        /// Where the bytes, the text or the message lies.
        case bytes(Range<Int>)
        /// Four or eight bytes, which the export has none of.
        case fixed
    }

    /// The numbers that fields may have.
    static let numbers: ClosedRange<UInt64> = 1...0x1FFF_FFFF

    let number: UInt64
    let value: Value
    /// The first byte of the field, for errors.
    let position: Int
}

/// A position in bytes that are passed to every call, because a span cannot be kept.
///
/// Every method reads something whole within the cursor's range or throws; none traps, whatever the bytes are.
struct ProtobufCursor {
    private var position: Int
    /// Reading stops here.
    private let end: Int

    /// A cursor over `range` of the bytes, in which it must lie.
    init(_ range: Range<Int>) {
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next field, or nil at the end; throws `protobuf` where there is none.
    ///
    /// Groups, which are long deprecated and the only fields that nest without a length, are refused.
    mutating func next(_ bytes: borrowing Span<UInt8>) throws(OTPError) -> ProtobufField? {
        guard position < end else { return nil }
        let start = position
        let tag = try varint(bytes)
        let number = tag >> 3
        guard ProtobufField.numbers.contains(number) else { throw .protobuf(position: start) }
        let value: ProtobufField.Value
        switch tag & 7 {
        case 0: value = .varint(try varint(bytes))
        case 1:
            _ = try take(8)
            value = .fixed
        case 2: value = .bytes(try take(try varint(bytes)))
        case 5:
            _ = try take(4)
            value = .fixed
        default: throw .protobuf(position: start)
        }
        return ProtobufField(number: number, value: value, position: start)
    }

    /// The range of the next `count` bytes, which is passed over.
    private mutating func take(_ count: UInt64) throws(OTPError) -> Range<Int> {
        // Compared as it is: a count beyond Int would trap on conversion.
        guard count <= UInt64(end - position) else { throw .protobuf(position: position) }
        let range = position..<position + Int(count)
        position = range.upperBound
        return range
    }

    /// A number of one to ten bytes, seven bits in each, the lowest first; longer spellings than needed are read too.
    private mutating func varint(_ bytes: borrowing Span<UInt8>) throws(OTPError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard position < end else { throw .protobuf(position: position) }
            let byte = bytes[position]
            // Of the tenth byte only one bit fits, and no byte may follow it.
            guard shift < 63 || byte <= 1 else { throw .protobuf(position: position) }
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { break }
        }
        return value
    }
}

extension SecretBuilder {
    /// Appends field `number` with a number.
    mutating func appendField(_ number: UInt64, _ value: UInt64) {
        appendVarint(number << 3)
        appendVarint(value)
    }

    /// Appends field `number` with bytes, or with a message that was written into them.
    mutating func appendField(_ number: UInt64, _ bytes: borrowing Span<UInt8>) {
        appendVarint(number << 3 | 2)
        appendVarint(UInt64(bytes.count))
        append(bytes)
    }

    /// Appends field `number` with a text that is not secret.
    mutating func appendField(_ number: UInt64, _ text: String) {
        appendVarint(number << 3 | 2)
        appendVarint(UInt64(text.utf8.count))
        append(text)
    }

    private mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }
}
