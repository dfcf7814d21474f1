/// Reads and writes the texts of Google Authenticator's "Transfer accounts", which hold several accounts each.
package import CofferMemory

/// The form, as every known version of the program writes it:
///
///     otpauth-migration://offline?data=DATA
///
/// DATA is the base64, percent-encoded, of a protobuf message MigrationPayload. An export of more accounts than one QR
/// code holds is a batch of several such texts, its parts.
///
///     MigrationPayload                            OtpParameters
///     1  account      OtpParameters, repeated     1  secret      bytes: the key itself, not base32
///     2  version      1, newer programs 2         2  name        text: the label, often "issuer:account"
///     3  batch_size   how many parts              3  issuer      text, may be missing
///     4  batch_index  which part, from 0 on       4  algorithm   0 unspecified, 1 SHA-1, 2 SHA-256, 3 SHA-512, 4 MD5
///     5  batch_id     the batch, random, signed   5  digits      0 unspecified, 1 six, 2 eight
///                                                 6  type        0 unspecified, 1 HOTP, 2 TOTP
///                                                 7  counter     of HOTP, signed
///                                                 8  unique_id   newer programs
///
/// What is unspecified or missing is SHA-1, six digits, TOTP, counter 0, a batch of one part. There is no period: it
/// is always 30 seconds.
///
/// The text has no check value. So a message that is not wholly in this form is refused as a whole, because a text
/// that was damaged in one place may be damaged in others; but an account that is in the form, and whose codes we
/// cannot compute, is left out and told of, and the others are taken.
package enum GoogleMigration {
    /// One text of a batch.
    package struct Part: Sendable, Equatable {
        /// The accounts that were taken, in their order.
        package let accounts: [OTPParameters]
        /// The accounts that could not be taken.
        package let skipped: [Skipped]
        /// How many parts the batch has.
        package let batchSize: Int
        /// Which of them this is, from 0 on; less than `batchSize`.
        package let batchIndex: Int
        /// What the parts of a batch have in common.
        package let batchID: Int64
        /// How many fields have numbers that are not in the table above. They are from a newer program, and may make
        /// codes other than ours.
        package let unknownFieldCount: Int
        /// Whether version or batch size is missing. Google Authenticator writes both behind the accounts, so a text
        /// without them may have lost accounts at its end; some other programs leave them out.
        package let mayBeCut: Bool

        /// The part's number as people count.
        package var number: Int { batchIndex + 1 }
    }

    /// An account that could not be taken, with what tells a person which one.
    package struct Skipped: Sendable, Equatable {
        /// The number of the part and the account's place in it, from 1 on.
        package let part: Int
        package let place: Int
        /// As they stand in the text, cut to ``OTPLimits/labelCount`` bytes; what is no UTF-8 is replaced. Control
        /// characters are still there.
        package let issuer: String
        package let name: String
        package let obstacle: Obstacle
    }

    /// Why an account has no place on the other side.
    package enum Obstacle: Error, Sendable, Equatable, CaseIterable {
        // Reading: what the export says, and Coffer cannot.
        /// There is no key.
        case secretEmpty
        /// The key is longer than ``OTPLimits/keyCount``.
        case secretTooLong
        /// The issuer or account is longer than ``OTPLimits/labelCount``, has control characters or is no UTF-8.
        case label
        /// The hash is MD5, or one that is not in the table.
        case algorithm
        /// The kind of one-time password is not in the table.
        case kind

        // Both ways.
        /// The number of digits: for writing, anything but 6 and 8; for reading, one that is not in the table.
        case digits
        /// The counter is above 2⁶³ − 1, which the form's signed number cannot say.
        case counter

        // Writing: what Coffer says, and the export cannot.
        /// A period other than 30 seconds.
        case period
        /// Steam's codes.
        case steam
        /// The account alone makes a text longer than ``OTPLimits/migrationTextCountWritten``.
        case size
    }

    /// Accounts in portions for ``serialize(_:batchSize:batchIndex:batchID:)``.
    package struct Portions: Sendable, Equatable {
        package struct Unrepresentable: Sendable, Equatable {
            /// The place in the list that was given, from 0 on.
            package let index: Int
            package let obstacle: Obstacle
        }

        /// None of them is empty.
        package let parts: [[OTPParameters]]
        package let unrepresentable: [Unrepresentable]
    }

    /// The only period there is.
    static let periodSeconds = 30

    /// Reads one text.
    ///
    /// White space around it is dropped; scheme, place and the name `data` are read in any case, other parameters
    /// passed over. An unescaped `+` in the data is a plus sign, and padding may be missing.
    /// Throws `notGoogleMigration`, `migrationTooLong`, `migrationData`, `percentEncoding`, `base64`, `protobuf`,
    /// `migrationAccounts` or `migrationNumbers`.
    package static func parse(_ text: borrowing Span<UInt8>) throws(OTPError) -> Part {
        let message = try GoogleMigrationText.decode(text)
        return try GoogleMigrationMessage.parse(message.span)
    }

    /// Writes one text, in the spelling of Google Authenticator itself: what ``parse(_:)`` reads back as equal accounts.
    ///
    /// Throws `migrationObstacle` for an account that the form cannot say, `migrationAccounts` and `migrationTooLong`
    /// for more than ``batches(of:)`` puts into a part, `migrationNumbers` for numbers that no part has.
    package static func serialize(
        _ accounts: [OTPParameters], batchSize: Int, batchIndex: Int, batchID: Int32
    ) throws(OTPError) -> SecretBytes {
        guard accounts.count <= OTPLimits.migrationAccountsWritten else {
            throw .migrationAccounts(maximum: OTPLimits.migrationAccountsWritten)
        }
        guard (1...OTPLimits.migrationParts).contains(batchSize), (0..<batchSize).contains(batchIndex) else {
            throw .migrationNumbers
        }
        for account in accounts {
            if let obstacle = obstacle(to: account) { throw .migrationObstacle(obstacle) }
        }
        let message = GoogleMigrationMessage.serialize(
            accounts, batchSize: batchSize, batchIndex: batchIndex, batchID: batchID)
        let text = GoogleMigrationText.encode(message.span)
        guard text.count <= OTPLimits.migrationTextCountWritten else {
            throw .migrationTooLong(maximumBytes: OTPLimits.migrationTextCountWritten)
        }
        return text
    }

    /// Accounts in their order, as many in a part as one text holds, and those that no text can hold.
    ///
    /// Each part is one that ``serialize(_:batchSize:batchIndex:batchID:)`` takes, as long as there are no more than
    /// ``OTPLimits/migrationParts``.
    package static func batches(of accounts: [OTPParameters]) -> Portions {
        var parts: [[OTPParameters]] = []
        var unrepresentable: [Portions.Unrepresentable] = []
        for (index, account) in accounts.enumerated() {
            if let obstacle = obstacle(to: account) ?? (fits([account]) ? nil : .size) {
                unrepresentable.append(Portions.Unrepresentable(index: index, obstacle: obstacle))
            } else if let last = parts.last, fits(last + [account]) {
                parts[parts.count - 1].append(account)
            } else {
                parts.append([account])
            }
        }
        return Portions(parts: parts, unrepresentable: unrepresentable)
    }

    /// What the form cannot say of `account`; its length is another question.
    private static func obstacle(to account: OTPParameters) -> Obstacle? {
        switch account.form {
        case .steam: return .steam
        case .digits(let count): guard count == 6 || count == 8 else { return .digits }
        }
        switch account.kind {
        case .totp(let seconds): return seconds == periodSeconds ? nil : .period
        case .hotp(let counter): return counter <= UInt64(Int64.max) ? nil : .counter
        }
    }

    /// Whether `accounts` go into one text, whatever the numbers of its part are.
    private static func fits(_ accounts: [OTPParameters]) -> Bool {
        guard accounts.count <= OTPLimits.migrationAccountsWritten else { return false }
        let message = GoogleMigrationMessage.serialize(accounts)
        let text = GoogleMigrationText.encode(message.span)
        return text.count + GoogleMigrationText.numbersCountMaximum <= OTPLimits.migrationTextCountWritten
    }
}
