/// Base64 of secret bytes, in secret memory on both sides (RFC 4648, section 4).

/// Reads text with and without padding, writes it with.
package enum Base64 {
    /// Decodes `text`, which holds symbols and then padding, nothing else.
    ///
    /// Padding may be missing, in whole or in part. Bits that the last symbol has left over must be zero, as every
    /// writer has them (RFC 4648, section 3.5): others are a sign that something is missing.
    package static func decode(_ text: borrowing Span<UInt8>) throws(Base64Error) -> SecretBytes {
        let symbols = try countSymbols(text)

        // Whole groups first: the multiplication cannot overflow for a count that came out of memory.
        var decoded = SecretBytes(zeroed: symbols / 4 * 3 + symbols % 4 * 3 / 4)
        var target = decoded.mutableSpan
        var position = 0
        var bits: UInt32 = 0
        var bitCount = 0
        for index in 0..<symbols {
            bits = (bits << 6 | UInt32(value(of: text[index]) ?? 0)) & 0x3FFF
            bitCount += 6
            guard bitCount >= 8 else { continue }
            bitCount -= 8
            target[position] = UInt8(truncatingIfNeeded: bits >> UInt32(bitCount))
            position += 1
        }
        guard bits & (1 << UInt32(bitCount) - 1) == 0 else { throw .symbol(position: symbols - 1) }
        return decoded
    }

    /// Appends `bytes` to `text`, with padding.
    package static func append(_ bytes: borrowing Span<UInt8>, to text: inout SecretBuilder) {
        var position = 0
        while position < bytes.count {
            let count = min(3, bytes.count - position)
            var group: UInt32 = 0
            for offset in 0..<3 { group = group << 8 | (offset < count ? UInt32(bytes[position + offset]) : 0) }
            for place in 0..<4 {
                let value = UInt8(truncatingIfNeeded: group >> UInt32(18 - 6 * place) & 63)
                text.append(place <= count ? symbol(of: value) : UInt8(ascii: "="))
            }
            position += count
        }
    }

    /// The number of symbols in front of the padding; all of `text` has been found to be allowed where it stands.
    private static func countSymbols(_ text: borrowing Span<UInt8>) throws(Base64Error) -> Int {
        var symbols = 0
        while symbols < text.count, value(of: text[symbols]) != nil { symbols += 1 }
        let paddingMaximum = (4 - symbols % 4) % 4
        for index in symbols..<text.count {
            guard text[index] == UInt8(ascii: "="), index - symbols < paddingMaximum else {
                throw .symbol(position: index)
            }
        }
        guard symbols % 4 != 1 else { throw .length(symbols: symbols) }
        return symbols
    }

    // Arithmetic instead of tables: no memory address depends on a secret symbol.
    private static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    private static func symbol(of value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + (value - 26)
        case 52..<62: UInt8(ascii: "0") + (value - 52)
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }
}

/// What is wrong with a text that should be base64; a position counts its bytes from 0.
package enum Base64Error: Error, Equatable, Sendable {
    /// A byte that is no symbol, a symbol behind the padding, too much padding, or a last symbol that none can be.
    case symbol(position: Int)
    /// No whole number of bytes has this many symbols: some are missing or doubled.
    case length(symbols: Int)
}
