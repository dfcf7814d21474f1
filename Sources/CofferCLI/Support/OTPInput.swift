/// Reads a one-time password's settings as people have them: an otpauth URI or a bare base32 key.
import CofferCrypto
import CofferMemory
import CofferOTP

enum OTPInput {
    /// Settings from an otpauth URI; what is odd about it is said on standard error.
    static func parseURI(_ text: borrowing Span<UInt8>) throws -> OTPParameters {
        let parsed = try OTPAuthURI.parse(text)
        say(parsed.warnings)
        return parsed.parameters
    }

    static func say(_ warnings: [OTPWarning]) {
        for warning in warnings { Output.message("coffer: warning: \(sentence(warning))") }
    }

    /// Settings from a key as services print it under "cannot scan the code?".
    static func parseKey(
        _ text: borrowing Span<UInt8>, algorithm: HashAlgorithm = .sha1, digits: Int = 6, periodSeconds: Int = 30,
        issuer: String? = nil, account: String = ""
    ) throws -> OTPParameters {
        let key = SecretSlice(try Base32.decode(text))
        func make(_ account: String) throws(OTPError) -> OTPParameters {
            try OTPParameters(
                kind: .totp(periodSeconds: periodSeconds), form: .digits(digits), algorithm: algorithm, issuer: issuer,
                account: account, key: key)
        }
        let parameters = try withoutBadLabel(account, make)
        say(parameters.warnings)
        return parameters
    }

    /// The account only labels the key; a user name that a label cannot hold is left out of it.
    private static func withoutBadLabel(
        _ account: String, _ make: (String) throws(OTPError) -> OTPParameters
    ) throws(OTPError) -> OTPParameters {
        do throws(OTPError) {
            return try make(account)
        } catch {
            guard error == .label else { throw error }
            return try make("")
        }
    }

    /// Room for the longest link and white space around it.
    static let textCount = 2 * OTPLimits.uriCount

    /// All of standard input, so that two links are refused, not the second one dropped.
    static func readAll(option: String) throws -> SecretBytes {
        let input = SecretInput.standardInput(option: option)
        guard !input.isTerminal else { throw CLIError.secretFromTerminal(option: option) }
        let text = try input.readAll(maximumBytes: textCount)
        guard text.count > 0 else { throw CLIError.nothingToRead(option: option) }
        return text
    }

    /// Either of the two.
    static func parse(_ text: borrowing Span<UInt8>, account: String) throws -> OTPParameters {
        isURI(text) ? try parseURI(text) : try parseKey(text, account: account)
    }

    /// Whether `text`, after white space, begins as a link does. No bare key can: it has no colon.
    static func isURI(_ text: borrowing Span<UInt8>) -> Bool {
        let prefix = Array("otpauth".utf8)
        var start = 0
        while start < text.count, text[start] <= 0x20 { start += 1 }
        guard text.count - start > prefix.count else { return false }
        for index in prefix.indices where text[start + index] | 0x20 != prefix[index] { return false }
        for index in start..<text.count where text[index] == UInt8(ascii: ":") { return true }
        return false
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
