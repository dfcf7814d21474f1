/// The messages of Google Authenticator's export, MigrationPayload and OtpParameters (``GoogleMigration``).
import CofferCrypto
import CofferMemory

enum GoogleMigrationMessage {
    private enum Field: UInt64 {
        case account = 1
        case version, batchSize, batchIndex, batchID
    }

    /// The version that knows every field we write.
    private static let version: UInt64 = 1

    static func parse(_ message: borrowing Span<UInt8>) throws(OTPError) -> GoogleMigration.Part {
        var accountRanges: [Range<Int>] = []
        var numbers: [Field: UInt64] = [:]
        var unknownFieldCount = 0
        var cursor = ProtobufCursor(0..<message.count)
        while let field = try cursor.next(message) {
            guard let known = Field(rawValue: field.number) else {
                unknownFieldCount += 1
                continue
            }
            switch (known, field.value) {
            case (.account, .bytes(let range)):
                guard accountRanges.count < OTPLimits.migrationAccounts else {
                    throw .migrationAccounts(maximum: OTPLimits.migrationAccounts)
                }
                accountRanges.append(range)
            case (.version, .varint(let value)), (.batchSize, .varint(let value)), (.batchIndex, .varint(let value)),
                (.batchID, .varint(let value)):
                guard numbers.updateValue(value, forKey: known) == nil else {
                    throw .protobuf(position: field.position)
                }
            default: throw .protobuf(position: field.position)
            }
        }

        // Programs that make one part only leave its numbers out or write zeros. A negative one is too large here.
        let size = max(numbers[.batchSize] ?? 0, 1)
        let index = numbers[.batchIndex] ?? 0
        guard size <= UInt64(OTPLimits.migrationParts), index < size else { throw .migrationNumbers }

        var accounts: [OTPParameters] = []
        var skipped: [GoogleMigration.Skipped] = []
        for (offset, range) in accountRanges.enumerated() {
            let account = try GoogleMigrationAccount(message, in: range)
            unknownFieldCount += account.unknownFieldCount
            do throws(GoogleMigration.Obstacle) {
                accounts.append(try account.parameters(message))
            } catch {
                let (issuer, name) = account.shownNames(message)
                skipped.append(
                    GoogleMigration.Skipped(
                        part: Int(index) + 1, place: offset + 1, issuer: issuer, name: name, obstacle: error))
            }
        }
        return GoogleMigration.Part(
            accounts: accounts, skipped: skipped, batchSize: Int(size), batchIndex: Int(index),
            batchID: Int64(bitPattern: numbers[.batchID] ?? 0), unknownFieldCount: unknownFieldCount,
            mayBeCut: numbers[.version] == nil || numbers[.batchSize] == nil)
    }

    /// The whole message. Every account is one that the form can say.
    static func serialize(
        _ accounts: [OTPParameters], batchSize: Int, batchIndex: Int, batchID: Int32
    ) -> SecretBytes {
        var message = SecretBuilder(capacity: 1024)
        append(accounts, to: &message)
        message.appendField(Field.version.rawValue, version)
        message.appendField(Field.batchSize.rawValue, UInt64(batchSize))
        message.appendField(Field.batchIndex.rawValue, UInt64(batchIndex))
        // A negative number is written in 64 bits, whatever its type (protobuf.dev, "Encoding").
        message.appendField(Field.batchID.rawValue, UInt64(bitPattern: Int64(batchID)))
        return message.finish()
    }

    /// The message without the numbers of its part, to measure it.
    static func serialize(_ accounts: [OTPParameters]) -> SecretBytes {
        var message = SecretBuilder(capacity: 1024)
        append(accounts, to: &message)
        return message.finish()
    }

    private static func append(_ accounts: [OTPParameters], to message: inout SecretBuilder) {
        for account in accounts {
            let bytes = GoogleMigrationAccount.serialize(account)
            message.appendField(Field.account.rawValue, bytes.span)
        }
    }
}

/// One account of a message: where its texts lie, and its numbers.
struct GoogleMigrationAccount {
    private enum Field: UInt64 {
        case secret = 1
        case name, issuer, algorithm, digits, kind, counter, uniqueID
    }

    private var ranges: [Field: Range<Int>] = [:]
    private var numbers: [Field: UInt64] = [:]
    private(set) var unknownFieldCount = 0

    /// Reads the fields in `range`; what they mean is judged later.
    ///
    /// A field that stands twice would be two accounts in one, of which readers choose differently, and is refused.
    init(_ message: borrowing Span<UInt8>, in range: Range<Int>) throws(OTPError) {
        var cursor = ProtobufCursor(range)
        while let field = try cursor.next(message) {
            guard let known = Field(rawValue: field.number) else {
                unknownFieldCount += 1
                continue
            }
            let isRepeated: Bool
            switch (known, field.value) {
            case (.secret, .bytes(let range)), (.name, .bytes(let range)), (.issuer, .bytes(let range)),
                (.uniqueID, .bytes(let range)):
                isRepeated = ranges.updateValue(range, forKey: known) != nil
            case (.algorithm, .varint(let value)), (.digits, .varint(let value)), (.kind, .varint(let value)),
                (.counter, .varint(let value)):
                isRepeated = numbers.updateValue(value, forKey: known) != nil
            default: throw .protobuf(position: field.position)
            }
            guard !isRepeated else { throw .protobuf(position: field.position) }
        }
    }

    func parameters(_ message: borrowing Span<UInt8>) throws(GoogleMigration.Obstacle) -> OTPParameters {
        let algorithm: HashAlgorithm
        switch numbers[.algorithm] ?? 0 {
        case 0, 1: algorithm = .sha1
        case 2: algorithm = .sha256
        case 3: algorithm = .sha512
        default: throw .algorithm
        }
        let digits: Int
        switch numbers[.digits] ?? 0 {
        case 0, 1: digits = 6
        case 2: digits = 8
        default: throw .digits
        }
        let kind: OTPParameters.Kind
        switch numbers[.kind] ?? 0 {
        case 0, 2: kind = .totp(periodSeconds: GoogleMigration.periodSeconds)
        case 1:
            let counter = numbers[.counter] ?? 0
            guard counter <= UInt64(Int64.max) else { throw .counter }
            kind = .hotp(counter: counter)
        default: throw .kind
        }
        let key = SecretSlice(SecretBytes(copying: message.extracting(ranges[.secret] ?? 0..<0)))
        do {
            let (issuer, account) = try names(message)
            return try OTPParameters(
                kind: kind, form: .digits(digits), algorithm: algorithm, issuer: issuer, account: account, key: key)
        } catch {
            switch error {
            case .secretEmpty: throw .secretEmpty
            case .secretTooLong: throw .secretTooLong
            default: throw .label
            }
        }
    }

    /// Issuer and account. Where a field names the issuer, only this issuer is taken off the name; where none does, what
    /// stands in front of the name's first colon is the issuer, as in the label of a URI, which the name once was.
    private func names(_ message: borrowing Span<UInt8>) throws(OTPError) -> (issuer: String, account: String) {
        let name = try URIText.string(message.extracting(ranges[.name] ?? 0..<0))
        let issuer = OTPLabel.trimmed(try URIText.string(message.extracting(ranges[.issuer] ?? 0..<0)))
        let label = OTPLabel.split(name, issuer: issuer)
        if issuer.isEmpty { return label }
        return (issuer, label.issuer == issuer ? label.account : name)
    }

    /// Issuer and name as they stand in the message, for a person who looks for the account.
    func shownNames(_ message: borrowing Span<UInt8>) -> (issuer: String, name: String) {
        func shown(_ field: Field) -> String {
            let range = ranges[field] ?? 0..<0
            // Names are private, not secret.
            let bytes = range.prefix(OTPLimits.labelCount).map { message[$0] }
            return String(decoding: bytes, as: UTF8.self)
        }
        return (shown(.issuer), shown(.name))
    }

    /// The message of one account that the form can say.
    static func serialize(_ account: OTPParameters) -> SecretBytes {
        var message = SecretBuilder(capacity: 256)
        message.appendField(Field.secret.rawValue, account.key.span)
        message.appendField(Field.name.rawValue, OTPLabel.joined(account))
        if let issuer = account.issuer { message.appendField(Field.issuer.rawValue, issuer) }
        let algorithm: UInt64 =
            switch account.algorithm {
            case .sha1: 1
            case .sha256: 2
            case .sha512: 3
            }
        message.appendField(Field.algorithm.rawValue, algorithm)
        message.appendField(Field.digits.rawValue, account.form == .digits(8) ? 2 : 1)
        switch account.kind {
        case .totp: message.appendField(Field.kind.rawValue, 2)
        case .hotp(let counter):
            message.appendField(Field.kind.rawValue, 1)
            message.appendField(Field.counter.rawValue, counter)
        }
        return message.finish()
    }
}
