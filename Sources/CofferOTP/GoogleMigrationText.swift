/// The text around the message of Google Authenticator's export: scheme, percent-encoding, base64.
import CofferMemory

enum GoogleMigrationText {
    private static let scheme = "otpauth-migration://offline"

    /// The most characters that the numbers of a part add to a text: 19 bytes, with two of the message that they share
    /// a group with, are 28 symbols, and each of them may take three characters.
    static let numbersCountMaximum = 84

    /// The message that `text` carries.
    static func decode(_ text: borrowing Span<UInt8>) throws(OTPError) -> SecretBytes {
        let range = URIText.trimmedRange(text)
        guard range.count <= OTPLimits.migrationTextCount else {
            throw .migrationTooLong(maximumBytes: OTPLimits.migrationTextCount)
        }
        let uri = text.extracting(range)
        // Base64 has no percent sign and no space, so a plus sign is itself, escaped or not.
        let data = try URIText.decoded(uri, in: try dataRange(uri), plusIsSpace: false)
        do {
            return try Base64.decode(data.span)
        } catch {
            throw .base64(error)
        }
    }

    /// The text that carries `message`.
    static func encode(_ message: borrowing Span<UInt8>) -> SecretBytes {
        var data = SecretBuilder(capacity: message.count / 3 * 4 + 4)
        Base64.append(message, to: &data)
        var text = SecretBuilder(capacity: scheme.utf8.count + data.count + data.count / 8 + 16)
        text.append(scheme)
        text.append("?data=")
        URIText.appendEncoded(data.span, to: &text)
        return text.finish()
    }

    /// Where the value of the one parameter `data` lies.
    private static func dataRange(_ uri: borrowing Span<UInt8>) throws(OTPError) -> Range<Int> {
        guard URIText.hasPrefix(uri, scheme) else { throw .notGoogleMigration }
        let pathEnd = URIText.firstIndex(in: uri, from: scheme.utf8.count) { $0 == UInt8(ascii: "?") }
        let path = scheme.utf8.count..<pathEnd
        guard path.isEmpty || (path.count == 1 && uri[path.lowerBound] == UInt8(ascii: "/")) else {
            throw .notGoogleMigration
        }
        var found: Range<Int>?
        var at = min(pathEnd + 1, uri.count)
        while at < uri.count {
            let end = URIText.firstIndex(in: uri, from: at) { $0 == UInt8(ascii: "&") }
            // No byte is looked at twice: a text of nothing but separators must not cost its length squared.
            let parameter = uri.extracting(at..<end)
            // The first equals sign: the padding of the data has the same.
            let nameCount = URIText.firstIndex(in: parameter, from: 0) { $0 == UInt8(ascii: "=") }
            if OTPAuthURI.keyword(parameter.extracting(0..<nameCount), of: ["data"]) != nil {
                guard found == nil else { throw .migrationData }
                found = min(at + nameCount + 1, end)..<end
            }
            at = end + 1
        }
        guard let found, !found.isEmpty else { throw .migrationData }
        return found
    }
}
