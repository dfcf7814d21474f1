/// Everything that can be wrong with a one-time password's settings, in cases a caller can act on.
package import CofferMemory

/// None of these carries a byte of the secret; a position counts bytes from 0 in the text that was given.
package enum OTPError: Error, Equatable, Sendable {
    /// The secret holds a byte that is no base32 symbol. In a URI the position counts in the decoded secret.
    case secretSymbol(position: Int)
    /// No whole number of bytes has this many base32 symbols: some are missing or doubled.
    case secretLength(symbols: Int)
    /// The secret has no byte.
    case secretEmpty
    /// The secret is longer than ``OTPLimits/keyCount``.
    case secretTooLong(maximumBytes: Int)

    /// The number of digits is not 6 to 10 (Steam: anything but 5).
    case digits
    /// The period is not a number of seconds from 1 to 2³¹ − 1 (Steam: anything but 30).
    case period
    /// The counter is not a number from 0 to 2⁶⁴ − 1.
    case counter
    /// The hash is none of SHA-1, SHA-256 and SHA-512 (Steam: anything but SHA-1).
    case algorithm
    /// The issuer or account is longer than ``OTPLimits/labelCount`` or holds control characters.
    case label
    /// The URI is longer than ``OTPLimits/uriCount``.
    case uriTooLong(maximumBytes: Int)
    /// The text is not an otpauth URI at all.
    case notOTPAuth
    /// The URI is Google Authenticator's export, which carries several accounts in another form.
    case googleMigration
    /// The URI names a kind of one-time password other than totp, hotp and steam.
    case unknownKind
    /// A `%` is not followed by two hexadecimal digits.
    case percentEncoding(position: Int)
    /// A byte is a control character, or the text is not valid UTF-8, before or after percent-decoding.
    case invalidText
    /// A parameter that may stand once stands twice.
    case duplicateParameter(OTPAuthURI.Parameter)
    /// A parameter that must stand is missing.
    case missingParameter(OTPAuthURI.Parameter)

    /// The text is not Google Authenticator's export.
    case notGoogleMigration
    /// The export's text is longer than ``OTPLimits/migrationTextCount``, or would be longer than
    /// ``OTPLimits/migrationTextCountWritten``.
    case migrationTooLong(maximumBytes: Int)
    /// The export's text has no data, or has them twice.
    case migrationData
    /// The export's data are not base64. A position counts in the decoded parameter.
    case base64(Base64Error)
    /// The export's message is not of its form from this byte on: something is missing or was changed.
    case protobuf(position: Int)
    /// The export's text has more accounts than ``OTPLimits/migrationAccounts``, or should have more than
    /// ``OTPLimits/migrationAccountsWritten``.
    case migrationAccounts(maximum: Int)
    /// There are more than ``OTPLimits/migrationParts`` parts, or the part's own number is not one of them.
    case migrationNumbers
    /// The part is not of the same export as the parts before it.
    case otherMigration
    /// The account cannot be written into an export.
    case migrationObstacle(GoogleMigration.Obstacle)

    /// A counter's code was asked of a time-based secret, or the other way round.
    case wrongKind
    /// The time lies before 1970 or after ``OTPLimits/unixSecondsMaximum``.
    case timeOutOfRange
    /// More seconds of validity were asked than a code of this period ever has.
    case freshnessBeyondPeriod(periodSeconds: Int)
}
