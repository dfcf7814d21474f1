/// Reads and writes the `otpauth:` URIs of QR codes (the Key URI format) as they occur in the wild.
import CofferCrypto
package import CofferMemory

/// The key passes from span to secret memory and back; only issuer and account become `String`.
package enum OTPAuthURI {
    /// The parameters that mean something.
    package enum Parameter: String, Sendable, CaseIterable {
        case secret, issuer, algorithm, digits, period, counter, encoder
    }

    /// What a URI says, and what is odd about it.
    package struct Parsed: Sendable, Equatable {
        package let parameters: OTPParameters
        package let warnings: [OTPWarning]
    }

    /// Reads one URI.
    ///
    /// White space around it is dropped. Scheme, kind, parameter names and algorithm are read in any case.
    /// In the label a plus sign is a plus sign, because e-mail addresses hold it; in a parameter it is a space,
    /// as in forms. A parameter outranks the label where both name an issuer.
    /// Steam is `otpauth://steam/…`, or totp with `encoder=steam`, or totp with `issuer=Steam` and `digits=5`.
    package static func parse(_ text: borrowing Span<UInt8>) throws(OTPError) -> Parsed {
        let range = URIText.trimmedRange(text)
        guard range.count <= OTPLimits.uriCount else { throw .uriTooLong(maximumBytes: OTPLimits.uriCount) }
        let uri = text.extracting(range)
        var at = try schemeCount(uri)
        guard URIText.isValidText(uri) else { throw .invalidText }

        let kindEnd = URIText.firstIndex(in: uri, from: at) { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
        guard let kind = keyword(uri.extracting(at..<kindEnd), of: ["totp", "hotp", "steam"]) else {
            throw .unknownKind
        }
        let labelEnd = URIText.firstIndex(in: uri, from: kindEnd) { $0 == UInt8(ascii: "?") }
        // The slash in front of the label is missing when there is no label.
        let label = try URIText.decoded(uri, in: min(kindEnd + 1, labelEnd)..<labelEnd, plusIsSpace: false)

        var query = OTPAuthQuery()
        at = min(labelEnd + 1, uri.count)
        while at < uri.count {
            let end = URIText.firstIndex(in: uri, from: at) { $0 == UInt8(ascii: "&") }
            try query.read(uri, in: at..<end)
            at = end + 1
        }
        return try query.parsed(kind: kind, label: label.span)
    }

    /// Writes the one form that Coffer hands out: what ``parse(_:)`` reads back as equal parameters without a warning
    /// about its form. Every setting is spelled out, every byte outside RFC 3986's unreserved set percent-encoded.
    package static func serialize(_ parameters: OTPParameters) -> SecretBytes {
        var uri = SecretBuilder(capacity: OTPLimits.uriCount)
        uri.append("otpauth://")
        switch parameters.kind {
        case .totp: uri.append("totp/")
        case .hotp: uri.append("hotp/")
        }
        if let issuer = parameters.issuer {
            URIText.appendEncoded(issuer, to: &uri)
            uri.append(":")
        } else if parameters.account.unicodeScalars.contains(":") {
            // An empty issuer keeps the account's own colon from being taken for the separator.
            uri.append(":")
        }
        URIText.appendEncoded(parameters.account, to: &uri)
        uri.append("?secret=")
        let secret = Base32.encode(parameters.key.span)
        uri.append(secret.span)
        if let issuer = parameters.issuer {
            uri.append("&issuer=")
            URIText.appendEncoded(issuer, to: &uri)
        }
        switch parameters.algorithm {
        case .sha1: uri.append("&algorithm=SHA1")
        case .sha256: uri.append("&algorithm=SHA256")
        case .sha512: uri.append("&algorithm=SHA512")
        }
        switch parameters.form {
        case .digits(let count): uri.append("&digits=\(count)")
        case .steam: uri.append("&digits=5")
        }
        switch parameters.kind {
        case .totp(let seconds): uri.append("&period=\(seconds)")
        case .hotp(let counter): uri.append("&counter=\(counter)")
        }
        if parameters.form == .steam { uri.append("&encoder=steam") }
        return uri.finish()
    }

    /// The number of bytes of `otpauth://`.
    private static func schemeCount(_ uri: borrowing Span<UInt8>) throws(OTPError) -> Int {
        guard !URIText.hasPrefix(uri, "otpauth-migration:") else { throw .googleMigration }
        let scheme = "otpauth://"
        guard URIText.hasPrefix(uri, scheme) else { throw .notOTPAuth }
        return scheme.utf8.count
    }

    /// The one of `keywords` that `bytes` spell in any case.
    static func keyword(_ bytes: borrowing Span<UInt8>, of keywords: [String]) -> String? {
        for keyword in keywords where bytes.count == keyword.utf8.count && URIText.hasPrefix(bytes, keyword) {
            return keyword
        }
        return nil
    }
}
