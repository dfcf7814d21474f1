/// The limits on one-time passwords' settings, each by name.

/// Any settings within these limits have a URI within `uriCount`, so that whatever is kept can be written out.
package enum OTPLimits {
    /// The longest otpauth URI read, in bytes, without the white space around it.
    package static let uriCount = 4096
    /// The longest key, in bytes.
    package static let keyCount = 1024
    /// A key with fewer bits than this is weaker than the 80 bits that many services use, and gets a warning.
    package static let keyBitsUnwarned = 80
    /// The longest issuer and the longest account, in bytes of UTF-8.
    package static let labelCount = 256
    /// How many digits a code may have.
    package static let digits = 6...10
    /// How long a code may live, in seconds.
    package static let periodSeconds = 1...0x7FFF_FFFF
    /// The latest time for which codes are computed, in seconds since 1970 (in the year 9892): every time given out
    /// for it lies before the year 10000 and has an RFC 3339 form.
    package static let unixSecondsMaximum: Int64 = 250_000_000_000

    /// The longest text of Google Authenticator's export that is read, in bytes, without the white space around it.
    /// It is far more than a QR code holds, for programs that write all accounts into one text; and no more than
    /// secret memory locks.
    package static let migrationTextCount = 65_536
    /// The longest that is written, in bytes: a QR code of version 25 (117 modules a side, correction level L), which
    /// phones read from a terminal. Not more than ``migrationTextCount``.
    package static let migrationTextCountWritten = 1_273
    /// The most accounts read from one text.
    package static let migrationAccounts = 1_000
    /// The most accounts written into one text, as Google Authenticator does.
    package static let migrationAccountsWritten = 10
    /// The most texts that an export has, read or written.
    package static let migrationParts = 1_000
}
