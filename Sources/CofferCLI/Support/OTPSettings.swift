/// The options that say what a bare key leaves open.
import ArgumentParser
import CofferCrypto
import CofferMemory
import CofferOTP

struct OTPSettings: ParsableArguments {
    enum Algorithm: String, ExpressibleByArgument, CaseIterable {
        case sha1, sha256, sha512
    }

    @Option(help: "For a bare key: sha1 (the default), sha256 or sha512.")
    var algorithm: Algorithm?

    @Option(help: ArgumentHelp("For a bare key: 6 to 10 digits (default 6).", valueName: "n"))
    var digits: Int?

    @Option(help: ArgumentHelp("For a bare key: how long a code is valid (default 30).", valueName: "seconds"))
    var period: Int?

    var isAnyGiven: Bool { algorithm != nil || digits != nil || period != nil }

    static let linkSaysThem = CLIError.usage(
        why: "An otpauth link says itself what --algorithm, --digits and --period would.", remedy: "Leave them out.")

    /// A link, or a bare key with these settings.
    func parse(_ text: borrowing Span<UInt8>, account: String) throws -> OTPParameters {
        guard OTPInput.isURI(text) else { return try parseKey(text, account: account) }
        guard !isAnyGiven else { throw Self.linkSaysThem }
        return try OTPInput.parseURI(text)
    }

    func parseKey(_ text: borrowing Span<UInt8>, account: String) throws -> OTPParameters {
        guard !OTPInput.isURI(text) else {
            throw CLIError.usage(why: "That is an otpauth link, not a bare key.", remedy: "Use --uri-stdin.")
        }
        return try OTPInput.parseKey(
            text, algorithm: hashAlgorithm, digits: digits ?? 6, periodSeconds: period ?? 30, account: account)
    }

    static func name(_ algorithm: HashAlgorithm) -> String {
        switch algorithm {
        case .sha1: "SHA-1"
        case .sha256: "SHA-256"
        case .sha512: "SHA-512"
        }
    }

    private var hashAlgorithm: HashAlgorithm {
        switch algorithm {
        case nil, .sha1: .sha1
        case .sha256: .sha256
        case .sha512: .sha512
        }
    }
}
