/// The bytes of a URI: white space around it, percent-encoding (RFC 3986, section 2.1), numbers.
import CofferMemory

enum URIText {
    /// The range of `text` without the white space around it.
    static func trimmedRange(_ text: borrowing Span<UInt8>) -> Range<Int> {
        var range = 0..<text.count
        while let first = range.first, isSpace(text[first]) { range = first + 1..<range.upperBound }
        while let last = range.last, isSpace(text[last]) { range = range.lowerBound..<last }
        return range
    }

    /// Whether `bytes` begin with `prefix`, which is ASCII in lower case, in any case.
    static func hasPrefix(_ bytes: borrowing Span<UInt8>, _ prefix: String) -> Bool {
        guard bytes.count >= prefix.utf8.count else { return false }
        var index = 0
        for expected in prefix.utf8 {
            let byte = bytes[index]
            let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            guard (isUpper ? byte | 0x20 : byte) == expected else { return false }
            index += 1
        }
        return true
    }

    /// The place of the first byte from `start` on that `matches`, or the count.
    static func firstIndex(in bytes: borrowing Span<UInt8>, from start: Int, where matches: (UInt8) -> Bool) -> Int {
        var index = start
        while index < bytes.count, !matches(bytes[index]) { index += 1 }
        return index
    }

    /// The bytes of `range` with `%41` and its like replaced; throws `percentEncoding` for a lone `%`.
    static func decoded(
        _ uri: borrowing Span<UInt8>, in range: Range<Int>, plusIsSpace: Bool
    ) throws(OTPError) -> SecretBytes {
        var decoded = SecretBuilder(capacity: range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = uri[index]
            if byte == UInt8(ascii: "%") {
                guard index + 2 < range.upperBound, let high = nibble(uri[index + 1]),
                    let low = nibble(uri[index + 2])
                else { throw .percentEncoding(position: index) }
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(byte == UInt8(ascii: "+") && plusIsSpace ? 0x20 : byte)
                index += 1
            }
        }
        return decoded.finish()
    }

    /// Whether `bytes` are valid UTF-8 without control characters.
    static func isValidText(_ bytes: borrowing Span<UInt8>) -> Bool {
        do {
            let text = try UTF8Span(validating: bytes.extracting(0..<bytes.count))
            var scalars = text.makeUnicodeScalarIterator()
            while let scalar = scalars.next() {
                guard !isControl(scalar) else { return false }
            }
            return true
        } catch {
            return false
        }
    }

    /// `bytes` that are private, not secret, as a string; throws `invalidText` for what ``isValidText(_:)`` denies.
    static func string(_ bytes: borrowing Span<UInt8>) throws(OTPError) -> String {
        guard isValidText(bytes) else { throw .invalidText }
        do {
            return String(copying: try UTF8Span(validating: bytes.extracting(0..<bytes.count)))
        } catch {
            throw .invalidText
        }
    }

    /// The decimal number that `digits` write, or nil if they are none or it does not fit.
    static func number(_ digits: borrowing Span<UInt8>) -> UInt64? {
        guard digits.count > 0 else { return nil }
        var number: UInt64 = 0
        for index in digits.indices {
            let byte = digits[index]
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let (shifted, tooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = shifted.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !tooLarge, !overflow else { return nil }
            number = sum
        }
        return number
    }

    /// Appends `text` with every byte outside the unreserved set (RFC 3986, section 2.3) percent-encoded.
    static func appendEncoded(_ text: String, to uri: inout SecretBuilder) {
        for byte in text.utf8 { appendEncoded(byte, to: &uri) }
    }

    /// Appends `bytes` in the same way.
    static func appendEncoded(_ bytes: borrowing Span<UInt8>, to uri: inout SecretBuilder) {
        for index in bytes.indices { appendEncoded(bytes[index], to: &uri) }
    }

    private static func appendEncoded(_ byte: UInt8, to uri: inout SecretBuilder) {
        guard !isUnreserved(byte) else { return uri.append(byte) }
        uri.append(UInt8(ascii: "%"))
        uri.append(digit(of: byte >> 4))
        uri.append(digit(of: byte & 15))
    }

    private static func digit(of nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + (nibble - 10)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
