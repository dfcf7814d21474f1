/// Where output is collected: ordinary memory, or locked memory when a secret is among it.
package import CofferMemory

/// Bytes that only grow. What is generic over it writes tables and JSON into either kind of memory.
package protocol ByteSink: ~Copyable {
    mutating func append(_ byte: UInt8)
    mutating func append(_ bytes: borrowing Span<UInt8>)
}

extension ByteSink where Self: ~Copyable {
    /// Appends text that is not secret.
    package mutating func append(text: String) { append(text.utf8Span.span) }

    /// Appends fixed text.
    package mutating func append(fixed text: StaticString) {
        // The text of a StaticString is in the program itself and has this many bytes.
        append(unsafe Span(_unsafeStart: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package mutating func append(spaces count: Int) {
        for _ in 0..<max(count, 0) { append(UInt8(ascii: " ")) }
    }

    /// Appends a number in decimal digits.
    package mutating func append(decimal number: Int64) {
        // 20 places hold every 64-bit number.
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var first = 20
        var rest = number.magnitude
        repeat {
            first -= 1
            digits[first] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        } while rest > 0
        if number < 0 { append(UInt8(ascii: "-")) }
        append(digits.span.extracting(first..<20))
    }
}

extension SecretBuilder: ByteSink {}
extension PrivateBuilder: ByteSink {}

extension PrivateBuilder {
    /// The bytes as text: for messages and tests.
    package consuming func text() -> String { String(decoding: span) }
}
