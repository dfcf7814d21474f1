/// The parameters of an otpauth URI, and the settings they make together with its kind and label.
import CofferCrypto
import CofferMemory

/// The parameters of a URI as they are read one after the other.
struct OTPAuthQuery: ~Copyable {
    private var key: SecretSlice?
    private var issuer: String?
    private var algorithm: HashAlgorithm?
    private var digits: Int?
    private var period: Int?
    private var counter: UInt64?
    private var isSteam: Bool?
    private var ignoredCount = 0

    /// Reads the `name=value` in `range` of `uri`; an empty one is passed over.
    mutating func read(_ uri: borrowing Span<UInt8>, in range: Range<Int>) throws(OTPError) {
        var start = range.lowerBound
        // A link copied out of a page's source has its ampersands written as `&amp;`.
        if URIText.hasPrefix(uri.extracting(range), "amp;") { start += 4 }
        guard start < range.upperBound else { return }
        let equals = min(URIText.firstIndex(in: uri, from: start) { $0 == UInt8(ascii: "=") }, range.upperBound)
        let name = try URIText.decoded(uri, in: start..<equals, plusIsSpace: true)
        let value = try URIText.decoded(
            uri, in: min(equals + 1, range.upperBound)..<range.upperBound, plusIsSpace: true)
        guard URIText.isValidText(name.span), URIText.isValidText(value.span) else { throw .invalidText }

        guard let word = OTPAuthURI.keyword(name.span, of: OTPAuthURI.Parameter.allCases.map(\.rawValue)),
            let parameter = OTPAuthURI.Parameter(rawValue: word)
        else {
            ignoredCount += 1
            return
        }
        try set(parameter, to: value.span)
    }

    private mutating func set(_ parameter: OTPAuthURI.Parameter, to value: borrowing Span<UInt8>) throws(OTPError) {
        let isRepeated =
            switch parameter {
            case .secret: key != nil
            case .issuer: issuer != nil
            case .algorithm: algorithm != nil
            case .digits: digits != nil
            case .period: period != nil
            case .counter: counter != nil
            case .encoder: isSteam != nil
            }
        guard !isRepeated else { throw .duplicateParameter(parameter) }
        switch parameter {
        case .secret:
            let decoded = try Base32.decode(value)
            guard decoded.count > 0 else { throw .secretEmpty }
            key = SecretSlice(decoded)
        case .algorithm:
            guard let known = HashAlgorithm(named: value) else { throw .algorithm }
            algorithm = known
        case .digits:
            guard let number = URIText.number(value), let count = Int(exactly: number) else { throw .digits }
            digits = count
        case .period:
            guard let number = URIText.number(value), let seconds = Int(exactly: number) else { throw .period }
            period = seconds
        case .counter:
            guard let number = URIText.number(value) else { throw .counter }
            counter = number
        case .encoder:
            // Other encoders would be other codes than we compute.
            guard OTPAuthURI.keyword(value, of: ["steam"]) != nil else { throw .unknownKind }
            isSteam = true
        case .issuer:
            issuer = OTPLabel.trimmed(try URIText.string(value))
        }
    }
}

extension OTPAuthQuery {
    /// The settings that kind, label and parameters make together.
    consuming func parsed(
        kind: String, label: borrowing Span<UInt8>
    ) throws(OTPError) -> OTPAuthURI.Parsed {
        guard let key else { throw .missingParameter(.secret) }
        // Not before the secret was found elsewhere: in a torn URI the label could hold it.
        let (prefix, account) = OTPLabel.split(try URIText.string(label), issuer: issuer ?? "")
        let named = issuer.flatMap { $0.isEmpty ? nil : $0 } ?? prefix
        var warnings: [OTPWarning] = []
        if !prefix.isEmpty, prefix != named { warnings.append(.issuerDiffers(label: prefix, parameter: named)) }

        let settings: OTPParameters
        if kind == "hotp" {
            guard isSteam == nil else { throw .wrongKind }
            guard let counter else { throw .missingParameter(.counter) }
            if period != nil { ignoredCount += 1 }
            settings = try OTPParameters(
                kind: .hotp(counter: counter), form: .digits(digits ?? 6), algorithm: algorithm ?? .sha1,
                issuer: named, account: account, key: key)
        } else {
            if counter != nil { ignoredCount += 1 }
            let steam = kind == "steam" || isSteam == true || (digits == 5 && Self.isSteam(named))
            guard !steam || digits == nil || digits == 5 else { throw .digits }
            settings = try OTPParameters(
                kind: .totp(periodSeconds: period ?? 30), form: steam ? .steam : .digits(digits ?? 6),
                algorithm: algorithm ?? .sha1, issuer: named, account: account, key: key)
        }
        if ignoredCount > 0 { warnings.append(.parametersIgnored(count: ignoredCount)) }
        return OTPAuthURI.Parsed(parameters: settings, warnings: settings.warnings + warnings)
    }

    private static func isSteam(_ issuer: String) -> Bool { issuer.lowercased() == "steam" }
}

extension HashAlgorithm {
    /// The hash that `name` means in any of the spellings in use: `SHA1`, `sha-256`, `HMAC-SHA512`, `HmacSHA1`.
    fileprivate init?(named name: borrowing Span<UInt8>) {
        var rest = name.extracting(0..<name.count)
        if URIText.hasPrefix(rest, "hmac") { rest = rest.extracting(4..<rest.count) }
        if rest.count > 0, [UInt8(ascii: "-"), UInt8(ascii: "_")].contains(rest[0]) {
            rest = rest.extracting(1..<rest.count)
        }
        switch OTPAuthURI.keyword(
            rest, of: ["sha1", "sha-1", "sha_1", "sha256", "sha-256", "sha_256", "sha512", "sha-512", "sha_512"])
        {
        case "sha1", "sha-1", "sha_1": self = .sha1
        case "sha256", "sha-256", "sha_256": self = .sha256
        case "sha512", "sha-512", "sha_512": self = .sha512
        default: return nil
        }
    }
}
