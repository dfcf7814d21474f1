/// Google Authenticator's export texts: what is read, what is left out and told of, what is refused, what is written.
import CofferCrypto
import CofferMemory
import CofferOTP
import TestSupport
import Testing

struct GoogleMigrationTests {
    static let key = "hello, this is a key"
    static let alice = field(1, key) + field(2, "Big:alice") + field(3, "Big") + field(4, 1) + field(5, 1) + field(6, 2)

    static func totp(
        issuer: String? = "Big", account: String = "alice", digits: Int = 6, algorithm: HashAlgorithm = .sha1,
        period: Int = 30
    ) throws -> OTPParameters {
        try OTPParameters(
            kind: .totp(periodSeconds: period), form: .digits(digits), algorithm: algorithm, issuer: issuer,
            account: account, key: slice(key))
    }

    static func serialize(
        _ accounts: [OTPParameters], size: Int = 1, index: Int = 0, id: Int32 = 7
    ) throws(OTPError) -> SecretBytes {
        try GoogleMigration.serialize(accounts, batchSize: size, batchIndex: index, batchID: id)
    }

    // MARK: Reading

    /// A key whose base64 is full of plus signs and slashes, in the three spellings that programs write.
    @Test(arguments: [
        "otpauth-migration://offline?data=CiIKCvvvvv%2F%2BP%2Fv%2FABASCUJpZzphbGljZRoDQmlnIAEoATACEAEYASAAKAc%3D",
        "otpauth-migration://offline?data=CiIKCvvvvv/+P/v/ABASCUJpZzphbGljZRoDQmlnIAEoATACEAEYASAAKAc=",
        "otpauth-migration://offline?data=CiIKCvvvvv/%2BP/v/ABASCUJpZzphbGljZRoDQmlnIAEoATACEAEYASAAKAc",
        " \n\tOTPAUTH-Migration://OffLine/?v=1&DATA=CiIKCvvvvv/+P/v/ABASCUJpZzphbGljZRoDQmlnIAEoATACEAEYASAAKAc%3d&x=+%\r\n",
    ])
    func `a text is read in every spelling of its data`(text: String) throws {
        let part = try parsePart(text)
        let key = SecretSlice(copying: [0xFB, 0xEF, 0xBE, 0xFF, 0xFE, 0x3F, 0xFB, 0xFF, 0x00, 0x10])
        let account = try OTPParameters(
            kind: .totp(periodSeconds: 30), issuer: "Big", account: "alice", key: key)
        #expect(part.accounts == [account])
        #expect(part.skipped.isEmpty)
        #expect(part.batchSize == 1 && part.batchIndex == 0 && part.batchID == 7 && part.number == 1)
        #expect(part.unknownFieldCount == 0 && !part.mayBeCut)
    }

    /// Name and issuer as they stand in the message, and what they become.
    @Test(arguments: [
        ("alice", "", nil, "alice"), ("alice", "Big", "Big", "alice"), ("Big:alice", "Big", "Big", "alice"),
        ("Big: alice", "Big", "Big", "alice"), ("Big:alice", "", "Big", "alice"), ("Big:", "Big", "Big", ""),
        ("", "Big", "Big", ""), ("", "", nil, ""), (":a:b", "", nil, "a:b"), ("My:Big:a", "My:Big", "My:Big", "a"),
        // Another issuer in front of the name is part of the name, and nothing is lost.
        ("Old:alice", "New", "New", "Old:alice"), ("big:alice", "Big", "Big", "big:alice"),
        ("a:b:c", "B", "B", "a:b:c"), (" x ", " y ", "y", "x"), ("Почта:алиса", "Почта", "Почта", "алиса"),
    ])
    func `issuer and account are told apart`(name: String, named: String, issuer: String?, account: String) throws {
        let fields = field(1, Self.key) + field(2, name) + (named.isEmpty ? [] : field(3, named))
        let part = try parsePart(field(1, fields) + numbers())
        let expected = try Self.totp(issuer: issuer, account: account)
        #expect(part.accounts == [expected])
        let written = try Self.serialize(part.accounts)
        let again = try GoogleMigration.parse(written.span)
        #expect(again.accounts == [expected])
    }

    @Test func `what is unspecified or missing is SHA-1, six digits, TOTP, counter zero, one part`() throws {
        let bare = field(1, Self.key) + field(2, "Big:alice")
        let zeros = bare + field(4, 0) + field(5, 0) + field(6, 0)
        let counting = bare + field(6, 1)
        let part = try parsePart(field(1, bare) + field(1, zeros) + field(1, counting))
        let expected = try Self.totp()
        let counter = try OTPParameters(
            kind: .hotp(counter: 0), issuer: "Big", account: "alice", key: slice(Self.key))
        #expect(part.accounts == [expected, expected, counter])
        #expect(part.batchSize == 1 && part.batchIndex == 0 && part.batchID == 0)
        #expect(part.mayBeCut)
        // Google Authenticator 7.2: version 2, an id of its own for the account, and no zeros.
        let newer = try parsePart(field(1, bare + field(8, [0x54, 0xFF])) + field(2, 2) + field(3, 1))
        #expect(newer.accounts == [expected])
        #expect(newer.unknownFieldCount == 0 && !newer.mayBeCut)
        let zeroNumbers = try parsePart(numbers(size: 0, id: 0))
        #expect(zeroNumbers.batchSize == 1 && !zeroNumbers.mayBeCut)
    }

    @Test func `algorithms, digits, kinds and counters are read`() throws {
        for (value, algorithm) in [(2, HashAlgorithm.sha256), (3, .sha512)] {
            let account = field(1, Self.key) + field(2, "Big:alice") + field(4, UInt64(value)) + field(5, 2)
            let part = try parsePart(field(1, account))
            #expect(part.accounts == [try Self.totp(digits: 8, algorithm: algorithm)])
        }
        let account = field(1, Self.key) + field(6, 1) + field(7, UInt64(Int64.max)) + field(8, "an id of its own")
        let part = try parsePart(field(1, account) + field(2, 2))
        #expect(part.accounts.map(\.kind) == [.hotp(counter: UInt64(Int64.max))])
        #expect(part.unknownFieldCount == 0)
    }

    @Test(arguments: [UInt64.max, 0x8000_0000_0000_0000, 0xFFFF_FFFF, 1])
    func `a batch's id is kept as it is, negative or not`(id: UInt64) throws {
        #expect(try parsePart(numbers(id: id)).batchID == Int64(bitPattern: id))
    }

    @Test func `fields that nobody knows yet are passed over and counted`() throws {
        let unknown =
            field(9, 30) + field(100, "text") + varint(12 << 3 | 1) + [UInt8](repeating: 1, count: 8)
            + varint(0x1FFF_FFFF << 3 | 5) + [1, 2, 3, 4]
        let part = try parsePart(field(1, Self.alice + unknown) + numbers() + unknown)
        #expect(part.accounts == [try Self.totp()])
        #expect(part.unknownFieldCount == 8)
    }

    @Test func `a number in more bytes than it needs is the same number`() throws {
        let part = try parsePart([0x8A, 0x80, 0x00] + varint(UInt64(Self.alice.count)) + Self.alice + numbers())
        #expect(part.accounts == [try Self.totp()])
    }

    // MARK: Left out

    static let obstacles: [(fields: [UInt8], GoogleMigration.Obstacle)] = [
        ([], .secretEmpty),
        (field(1, ""), .secretEmpty),
        (field(1, [UInt8](repeating: 7, count: 1025)), .secretTooLong),
        (field(1, key) + field(4, 4), .algorithm),
        (field(1, key) + field(4, 5), .algorithm),
        (field(1, key) + field(4, .max), .algorithm),
        (field(1, key) + field(5, 3), .digits),
        (field(1, key) + field(5, .max), .digits),
        (field(1, key) + field(6, 3), .kind),
        (field(1, key) + field(6, .max), .kind),
        (field(1, key) + field(6, 1) + field(7, 1 << 63), .counter),
        (field(1, key) + field(6, 1) + field(7, .max), .counter),
    ]

    @Test func `an account that cannot be taken is told of by its names, and the others are taken`() throws {
        for (fields, obstacle) in Self.obstacles {
            let account = fields + field(2, "Old:eve") + field(3, "Old")
            let message = field(1, Self.alice) + field(1, account) + field(1, Self.alice) + numbers(size: 3, index: 1)
            let part = try parsePart(message)
            #expect(part.accounts == [try Self.totp(), try Self.totp()])
            #expect(part.skipped.map(\.obstacle) == [obstacle])
            #expect(part.skipped.map(\.name) == ["Old:eve"] && part.skipped.map(\.issuer) == ["Old"])
            #expect(part.skipped.map(\.part) == [2] && part.skipped.map(\.place) == [2])
        }
    }

    @Test func `names that cannot be taken are told as far as they can be shown`() throws {
        let long = String(repeating: "é", count: 129)
        for (name, shown) in [
            (Array("a\u{1B}b".utf8), "a\u{1B}b"), ([0x61, 0xFF], "a\u{FFFD}"),
            (Array(long.utf8), String(long.dropLast())),
        ] {
            let part = try parsePart(field(1, field(1, Self.key) + field(2, name) + field(3, "Big")) + numbers())
            #expect(part.accounts.isEmpty)
            #expect(part.skipped.map(\.obstacle) == [.label])
            #expect(part.skipped.map(\.name) == [shown])
            #expect(part.skipped.map(\.issuer) == ["Big"])
        }
    }

    // MARK: Refused

    static let bad: [(String, OTPError)] = [
        ("", .notGoogleMigration),
        ("otpauth-migration", .notGoogleMigration),
        ("otpauth-migration:offline?data=AA", .notGoogleMigration),
        ("otpauth-migration://online?data=AA", .notGoogleMigration),
        ("otpauth-migration://offline.example?data=AA", .notGoogleMigration),
        ("otpauth-migration://offline/x?data=AA", .notGoogleMigration),
        ("otpauth://totp/alice?secret=MZXW6YTBOIYTEMZU", .notGoogleMigration),
        ("CiIKCvvvvv/+P/v/ABASCUJpZzphbGljZRoDQmlnIAEoATACEAEYASAAKAc=", .notGoogleMigration),
        ("otpauth-migration://offline", .migrationData),
        ("otpauth-migration://offline?", .migrationData),
        ("otpauth-migration://offline?data", .migrationData),
        ("otpauth-migration://offline?data=", .migrationData),
        ("otpauth-migration://offline?dat=EAE", .migrationData),
        ("otpauth-migration://offline?data=EAE&data=EAE", .migrationData),
        ("otpauth-migration://offline?data=EA%", .percentEncoding(position: 35)),
        ("otpauth-migration://offline?data=EA%2", .percentEncoding(position: 35)),
        ("otpauth-migration://offline?data=EA%2&B=", .percentEncoding(position: 35)),
        ("otpauth-migration://offline?data=EA E", .base64(.symbol(position: 2))),
        ("otpauth-migration://offline?data=EA%20E", .base64(.symbol(position: 2))),
        ("otpauth-migration://offline?data=%D0%90", .base64(.symbol(position: 0))),
        ("otpauth-migration://offline?data=EAE=#x", .base64(.symbol(position: 4))),
        ("otpauth-migration://offline?data=EAEYA", .base64(.length(symbols: 5))),
        ("otpauth-migration://offline?data=XXXX", .protobuf(position: 1)),
        (
            "otpauth-migration://offline?data=" + String(repeating: "A", count: 65_536),
            .migrationTooLong(maximumBytes: 65_536)
        ),
    ]

    static let badMessages: [(String, [UInt8], OTPError)] = [
        ("field number 0", [0x00, 0x01], .protobuf(position: 0)),
        ("field number above the highest", varint(0x2000_0000 << 3) + [1], .protobuf(position: 0)),
        ("field number of 64 bits", varint(.max) + [1], .protobuf(position: 0)),
        ("group", [0x0B, 0x0C], .protobuf(position: 0)),
        ("end of a group", [0x0C], .protobuf(position: 0)),
        ("wire type 6", [0x0E, 0x01], .protobuf(position: 0)),
        ("wire type 7", [0x0F, 0x01], .protobuf(position: 0)),
        ("tag without value", [0x10], .protobuf(position: 1)),
        ("number that goes on", [0x10, 0x80], .protobuf(position: 2)),
        ("number of eleven bytes", [0x10] + [UInt8](repeating: 0x80, count: 10) + [0], .protobuf(position: 10)),
        ("number above 64 bits", [0x10] + [UInt8](repeating: 0xFF, count: 9) + [2], .protobuf(position: 10)),
        ("length beyond the end", [0x0A, 0x01], .protobuf(position: 2)),
        ("length above Int", [0x0A] + varint(1 << 63), .protobuf(position: 11)),
        ("longest length", [0x0A] + varint(.max), .protobuf(position: 11)),
        ("length of Int.max", [0x0A] + varint(UInt64(Int.max)) + [0], .protobuf(position: 10)),
        ("eight bytes cut", [0x51, 1, 2, 3, 4, 5, 6, 7], .protobuf(position: 1)),
        ("four bytes cut", [0x55, 1, 2, 3], .protobuf(position: 1)),
        ("account as a number", field(1, 1), .protobuf(position: 0)),
        ("batch size as bytes", field(3, "1"), .protobuf(position: 0)),
        ("batch size twice", field(3, 2) + field(3, 3), .protobuf(position: 2)),
        ("secret as a number", field(1, field(1, 1)), .protobuf(position: 2)),
        ("name as a number", field(1, field(2, 1)), .protobuf(position: 2)),
        ("digits as bytes", field(1, field(5, "6")), .protobuf(position: 2)),
        ("unique id as a number", field(1, field(8, 1)), .protobuf(position: 2)),
        ("secret twice", field(1, field(1, "a") + field(1, "b")), .protobuf(position: 5)),
        ("counter twice", field(1, field(7, 1) + field(7, 1)), .protobuf(position: 4)),
        // What follows the account is good, and the account would reach into it.
        ("length beyond the account", [0x0A, 0x02, 0x0A, 0x04] + field(2, 1) + field(3, 1), .protobuf(position: 4)),
        ("number beyond the account", [0x0A, 0x02, 0x20, 0x81] + field(2, 1), .protobuf(position: 4)),
        ("part beyond the batch", numbers(size: 2, index: 2), .migrationNumbers),
        ("part 2 of nothing", field(4, 1), .migrationNumbers),
        ("negative part", numbers(size: 2, index: .max), .migrationNumbers),
        ("negative size", numbers(size: .max), .migrationNumbers),
        ("too many parts", numbers(size: 1001), .migrationNumbers),
        ("size above Int", numbers(size: 1 << 63, index: 1 << 62), .migrationNumbers),
        ("too many accounts", (0...1000).flatMap { _ in field(1, "") }, .migrationAccounts(maximum: 1000)),
    ]

    @Test func `malformed texts are refused for what is wrong with them`() {
        for (text, expected) in Self.bad {
            let error = failure { () throws(OTPError) in _ = try parsePart(text) }
            #expect(error == expected, Comment(rawValue: String(text.prefix(100).debugDescription)))
        }
        for (name, message, expected) in Self.badMessages {
            let error = failure { () throws(OTPError) in _ = try parsePart(message) }
            #expect(error == expected, Comment(rawValue: name))
        }
        print("export texts refused: \(Self.bad.count + Self.badMessages.count)")
    }

    @Test func `the largest numbers that are allowed are read`() throws {
        #expect(try parsePart(numbers(size: 1000, index: 999)).number == 1000)
        #expect(try parsePart((0..<1000).flatMap { _ in field(1, "") }).skipped.count == 1000)
        let data = "otpauth-migration://offline?data="
        let padding = String(repeating: "&", count: OTPLimits.migrationTextCount - data.utf8.count - 3)
        #expect(try parsePart(" " + data + "EAE" + padding + "\n").accounts.isEmpty)
    }

    @Test func `a text cut anywhere is refused, or told to be cut, or lost no account`() throws {
        let accounts = [try Self.totp(), try Self.totp(issuer: nil, account: "bob")]
        let written = try Self.serialize(accounts, size: 3, index: 2, id: -9)
        let part = try GoogleMigration.parse(written.span)
        let whole = array(written)
        var counts = (refused: 0, told: 0)
        for count in 0..<whole.count {
            let cut = SecretBytes(copying: Array(whole[..<count]))
            guard let read = try? GoogleMigration.parse(cut.span) else {
                counts.refused += 1
                continue
            }
            #expect(read.mayBeCut || read.accounts == part.accounts, "cut to \(count)")
            counts.told += 1
        }
        print("export texts cut: \(counts.refused) refused, \(counts.told) told")
        #expect(counts.told > 0)
    }

    @Test func `a text or a message with any changed byte never traps`() throws {
        let accounts = [try Self.totp(), try Self.totp(issuer: nil, account: "bob", digits: 8, algorithm: .sha512)]
        let text = try Self.serialize(accounts, size: 3, index: 2, id: -9)
        let message = field(1, Self.alice) + field(1, Self.alice + field(8, "id")) + numbers(size: 300, id: .max)
        var readable = 0
        for (bytes, isText) in [(array(text), true), (message, false)] {
            for index in bytes.indices {
                for value in (0..<8).map({ bytes[index] ^ 1 << $0 }) + [0, 0x25, 0x2B, 0x7F, 0x80, 0xFF] {
                    var changed = bytes
                    changed[index] = value
                    let text = isText ? changed : Array(exportText(changed).utf8)
                    let error = failure { () throws(OTPError) in
                        _ = try GoogleMigration.parse(SecretBytes(copying: text).span)
                    }
                    if error == nil { readable += 1 }
                }
            }
        }
        print("changed export texts: \(readable) were still readable")
    }

    // MARK: Writing

    @Test func `what is written has Google Authenticator's own spelling`() throws {
        let key = SecretSlice(copying: [0xFB, 0xEF, 0xBE, 0xFF, 0xFE, 0x3F, 0xFB, 0xFF, 0x00, 0x10])
        let account = try OTPParameters(
            kind: .totp(periodSeconds: 30), issuer: "Big", account: "alice", key: key)
        let written = try Self.serialize([account])
        #expect(
            text(written)
                == "otpauth-migration://offline?data="
                + "CiIKCvvvvv%2F%2BP%2Fv%2FABASCUJpZzphbGljZRoDQmlnIAEoATACEAEYASAAKAc%3D")
    }

    static func unsayable() throws -> [(OTPParameters, GoogleMigration.Obstacle)] {
        [
            (try totp(period: 60), .period), (try totp(digits: 7), .digits), (try totp(digits: 10), .digits),
            (try OTPParameters(kind: .totp(periodSeconds: 30), form: .steam, key: slice(key)), .steam),
            (try OTPParameters(kind: .hotp(counter: 1 << 63), key: slice(key)), .counter),
        ]
    }

    @Test func `what the form cannot say is never written`() throws {
        let good = try Self.totp()
        for (account, obstacle) in try Self.unsayable() {
            let error = failure { () throws(OTPError) in _ = try Self.serialize([good, account]) }
            #expect(error == .migrationObstacle(obstacle))
        }
        let account = try Self.totp()
        for (size, index) in [(0, 0), (1, 1), (1, -1), (-1, 0), (1001, 0), (Int.max, 0)] {
            let error = failure { () throws(OTPError) in
                _ = try Self.serialize([account], size: size, index: index)
            }
            #expect(error == .migrationNumbers, "\(index) of \(size)")
        }
        let eleven = [OTPParameters](repeating: account, count: 11)
        #expect(failure { () throws(OTPError) in _ = try Self.serialize(eleven) } == .migrationAccounts(maximum: 10))
        let large = try OTPParameters(
            kind: .totp(periodSeconds: 30), key: SecretSlice(SecretBytes(zeroed: OTPLimits.keyCount)))
        #expect(
            failure { () throws(OTPError) in _ = try Self.serialize([large]) }
                == .migrationTooLong(maximumBytes: OTPLimits.migrationTextCountWritten))
    }

    @Test func `accounts are portioned in their order, and those that cannot be written are told apart`() throws {
        var accounts = try (0..<25).map { try Self.totp(account: "account \($0)") }
        let large = try OTPParameters(
            kind: .totp(periodSeconds: 30), key: SecretSlice(SecretBytes(zeroed: OTPLimits.keyCount)))
        let odd = try Self.unsayable() + [(large, .size)]
        let expected = accounts
        for (offset, (account, _)) in odd.enumerated() { accounts.insert(account, at: 4 * offset) }
        let portions = GoogleMigration.batches(of: accounts)
        #expect(portions.parts.map(\.count) == [10, 10, 5])
        #expect(portions.parts.flatMap { $0 } == expected)
        #expect(portions.unrepresentable.map(\.index) == odd.indices.map { 4 * $0 })
        #expect(portions.unrepresentable.map(\.obstacle) == odd.map(\.1))
        #expect(GoogleMigration.batches(of: []).parts.isEmpty)
        #expect(GoogleMigration.batches(of: [large]).parts.isEmpty)
    }

    @Test func `any accounts that can be written are read back, in parts within their limit`() throws {
        var random = SeededRandom()
        print("export round trips: seed \(random.seed)")
        let alphabet = Array("ab: +%&=?#/é́Жか😀\u{202E}\"~-._".unicodeScalars)
        func label(_ random: inout SeededRandom) -> String {
            var label = String.UnicodeScalarView()
            let count = Int.random(in: 0...(random.next() % 8 == 0 ? 64 : 12), using: &random)
            for _ in 0..<count { label.append(alphabet.randomElement(using: &random) ?? "a") }
            return String(label)
        }
        var counts = (parts: 0, accounts: 0, fullest: 0)
        for round in 0..<100 {
            var accounts: [OTPParameters] = []
            for place in 0..<Int.random(in: 0...25, using: &random) {
                let kind: OTPParameters.Kind =
                    random.next() % 3 == 0 ? .hotp(counter: random.number(bits: 63)) : .totp(periodSeconds: 30)
                let account = try OTPParameters(
                    kind: kind, form: .digits(random.next() % 2 == 0 ? 6 : 8),
                    algorithm: HashAlgorithm.allCases[place % 3],
                    issuer: random.next() % 3 == 0 ? nil : label(&random), account: label(&random),
                    key: SecretSlice(copying: random.bytes(1...(place % 7 == 0 ? 300 : 40))))
                accounts.append(account)
            }
            let portions = GoogleMigration.batches(of: accounts)
            #expect(portions.unrepresentable.isEmpty, "seed \(random.seed), round \(round)")
            let id = Int32(truncatingIfNeeded: Int64(bitPattern: random.next()))
            var batch = GoogleMigrationBatch()
            for (index, part) in portions.parts.enumerated().shuffled(using: &random) {
                let written = try Self.serialize(part, size: portions.parts.count, index: index, id: id)
                #expect(written.count <= OTPLimits.migrationTextCountWritten, "seed \(random.seed), round \(round)")
                counts.fullest = max(counts.fullest, written.count)
                let read = try GoogleMigration.parse(written.span)
                #expect(read.batchID == Int64(id) && !read.mayBeCut && read.skipped.isEmpty)
                // Strings compare by canonical equivalence; the bytes must be the same as well.
                let again = try Self.serialize(read.accounts, size: read.batchSize, index: read.batchIndex, id: id)
                #expect(array(again) == array(written), "seed \(random.seed), round \(round)")
                try batch.add(read)
                counts.parts += 1
            }
            counts.accounts += accounts.count
            #expect(batch.accounts == accounts, "seed \(random.seed), round \(round)")
            #expect(batch.isComplete == !accounts.isEmpty, "seed \(random.seed), round \(round)")
        }
        print("exports: \(counts.accounts) accounts in \(counts.parts) texts, the longest of \(counts.fullest) bytes")
    }
}
