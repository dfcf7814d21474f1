/// Counter-based one-time passwords (RFC 4226).
package import CofferCrypto
package import CofferMemory

package enum HOTP {
    /// Steam's symbols: digits and letters that are hard to take for one another.
    private static let steamAlphabet = Array("23456789BCDFGHJKMNPQRTVWXY".utf8)
    private static let steamSymbolCount = 5

    /// The code for `counter`, in ASCII: digits with zeros in front, or Steam's five symbols.
    ///
    /// The truncated value has 31 bits (RFC 4226, section 5.3), so with 10 digits the first is never above 2.
    package static func code(
        key: borrowing Span<UInt8>, counter: UInt64, algorithm: HashAlgorithm, form: OTPParameters.Form
    ) -> SecretBytes {
        // The counter is no secret: it is the time, or printed beside the code.
        let message = (0..<8).map { UInt8(truncatingIfNeeded: counter >> (56 - 8 * UInt64($0))) }
        let tag = HMAC.authenticate(algorithm, key: key, message: message.span)
        let value = truncated(tag.span)
        return switch form {
        case .digits(let count): decimal(value, digits: count)
        case .steam: steam(value)
        }
    }

    /// The code of counter-based `parameters` for `counter`; throws `wrongKind` for time-based ones.
    package static func code(_ parameters: OTPParameters, counter: UInt64) throws(OTPError) -> SecretBytes {
        guard case .hotp = parameters.kind else { throw .wrongKind }
        return code(
            key: parameters.key.span, counter: counter, algorithm: parameters.algorithm, form: parameters.form)
    }

    /// Dynamic truncation (RFC 4226, section 5.3). The offset is at most 15, and every tag has 20 bytes or more.
    private static func truncated(_ tag: borrowing Span<UInt8>) -> UInt32 {
        let offset = Int(tag[tag.count - 1] & 15)
        var value: UInt32 = 0
        for index in offset..<offset + 4 { value = value << 8 | UInt32(tag[index]) }
        return value & 0x7FFF_FFFF
    }

    private static func decimal(_ value: UInt32, digits: Int) -> SecretBytes {
        var code = SecretBytes(zeroed: digits)
        var target = code.mutableSpan
        var rest = value
        for index in (0..<digits).reversed() {
            target[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        return code
    }

    /// Steam writes the value in base 26, the lowest place first.
    private static func steam(_ value: UInt32) -> SecretBytes {
        var code = SecretBytes(zeroed: steamSymbolCount)
        var target = code.mutableSpan
        var rest = value
        for index in 0..<steamSymbolCount {
            target[index] = steamAlphabet[Int(rest % 26)]
            rest /= 26
        }
        return code
    }
}
