/// Base32 as authenticator secrets are written in the wild (RFC 4648, section 6).
package import CofferMemory

/// Reads leniently what people paste, writes one form: upper case, no padding, no spaces.
package enum Base32 {
    /// Decodes `text`.
    ///
    /// Lower case, white space and hyphens anywhere, and missing, present or superfluous padding at the end are
    /// accepted. Unused bits of the last symbol may be anything (RFC 4648, section 3.5, leaves that to the reader),
    /// because services draw random symbols and authenticators, oathtool among them, ignore those bits.
    /// Throws `secretSymbol` for any other byte and `secretLength` for a number of symbols that no whole
    /// number of bytes has. No symbol at all is no byte, and not an error here.
    package static func decode(_ text: borrowing Span<UInt8>) throws(OTPError) -> SecretBytes {
        let symbols = try countSymbols(text)
        guard ![1, 3, 6].contains(symbols % 8) else { throw .secretLength(symbols: symbols) }

        // Whole groups first: the multiplication cannot overflow for a count that came out of memory.
        let count = symbols / 8 * 5 + symbols % 8 * 5 / 8
        var decoded = SecretBytes(zeroed: count)
        var target = decoded.mutableSpan
        var position = 0
        var bits: UInt32 = 0
        var bitCount = 0
        for index in text.indices {
            guard let value = value(of: text[index]) else { continue }
            bits = (bits << 5 | UInt32(value)) & 0xFFF
            bitCount += 5
            guard bitCount >= 8, position < count else { continue }
            bitCount -= 8
            target[position] = UInt8(truncatingIfNeeded: bits >> UInt32(bitCount))
            position += 1
        }
        return decoded
    }

    /// Encodes `bytes` in upper case without padding.
    package static func encode(_ bytes: borrowing Span<UInt8>) -> SecretBytes {
        let count = bytes.count / 5 * 8 + (bytes.count % 5 * 8 + 4) / 5
        var encoded = SecretBytes(zeroed: count)
        var target = encoded.mutableSpan
        var position = 0
        var bits: UInt32 = 0
        var bitCount = 0
        for index in bytes.indices {
            bits = (bits << 8 | UInt32(bytes[index])) & 0xFFFF
            bitCount += 8
            while bitCount >= 5 {
                bitCount -= 5
                target[position] = symbol(of: UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)) & 31)
                position += 1
            }
        }
        if bitCount > 0 {
            target[position] = symbol(of: UInt8(truncatingIfNeeded: bits << UInt32(5 - bitCount)) & 31)
        }
        return encoded
    }

    /// The number of base32 symbols in `text`, every byte of which has been found to be allowed where it stands.
    private static func countSymbols(_ text: borrowing Span<UInt8>) throws(OTPError) -> Int {
        var symbols = 0
        var padded = false
        for index in text.indices {
            let byte = text[index]
            if byte == UInt8(ascii: "=") {
                padded = true
            } else if value(of: byte) != nil {
                guard !padded else { throw .secretSymbol(position: index) }
                symbols += 1
            } else if !isFiller(byte) {
                throw .secretSymbol(position: index)
            }
        }
        return symbols
    }

    /// Space, tab, line ends and the hyphen, with which people and services group symbols.
    private static func isFiller(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte) || byte == UInt8(ascii: "-")
    }

    // Arithmetic instead of tables: no memory address depends on a secret symbol.
    private static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a")
        case UInt8(ascii: "2")...UInt8(ascii: "7"): byte - UInt8(ascii: "2") + 26
        default: nil
        }
    }

    private static func symbol(of value: UInt8) -> UInt8 {
        value < 26 ? UInt8(ascii: "A") + value : UInt8(ascii: "2") + (value - 26)
    }
}
