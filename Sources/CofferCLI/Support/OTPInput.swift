/// Reads a one-time password's settings as people have them: an otpauth URI or a bare base32 key.
import CofferCrypto
import CofferMemory
import CofferOTP

enum OTPInput {
    /// Settings from an otpauth URI; what is odd about it is said on standard error.
    static func parseURI(_ text: borrowing Span<UInt8>) throws -> OTPParameters {
        let parsed = try OTPAuthURI.parse(text)
        for warning in parsed.warnings { Output.message("coffer: warning: \(sentence(warning))") }
        return parsed.parameters
    }

    /// Settings from a key as services print it under "cannot scan the code?".
    static func parseKey(
        _ text: borrowing Span<UInt8>, algorithm: HashAlgorithm = .sha1, digits: Int = 6, periodSeconds: Int = 30,
        issuer: String? = nil, account: String = ""
    ) throws -> OTPParameters {
        let parameters = try OTPParameters(
            kind: .totp(periodSeconds: periodSeconds), form: .digits(digits), algorithm: algorithm, issuer: issuer,
            account: account, key: SecretSlice(try Base32.decode(text)))
        for warning in parameters.warnings { Output.message("coffer: warning: \(sentence(warning))") }
        return parameters
    }

    /// Either of the two.
    static func parse(_ text: borrowing Span<UInt8>, account: String) throws -> OTPParameters {
        let prefix = Array("otpauth".utf8)
        let isURI = text.count > prefix.count && prefix.indices.allSatisfy { text[$0] | 0x20 == prefix[$0] }
        return isURI ? try parseURI(text) : try parseKey(text, account: account)
    }

    private static func sentence(_ warning: OTPWarning) -> String {
        switch warning {
        case .shortKey(let bits): "the secret has only \(bits) bits; it works, but is easier to guess than most"
        case .issuerDiffers(let label, let parameter):
            "the URI names two issuers, \(Shown.text(label)) and \(Shown.text(parameter)); the second counts"
        case .parametersIgnored(let count): "\(count) unknown parts of the URI were left out"
        }
    }
}
