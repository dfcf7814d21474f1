/// otpauth URIs as they occur in the wild: what is read, what is refused, and what is written.
import CofferCrypto
import CofferMemory
import CofferOTP
import TestSupport
import Testing

/// A URI that must be read, and what it says.
struct GoodURI: Sendable {
    let uri: String
    var kind = OTPParameters.Kind.totp(periodSeconds: 30)
    var form = OTPParameters.Form.digits(6)
    var algorithm = HashAlgorithm.sha1
    var issuer: String?
    var account = "alice"
    var key = "foobar1234"
    var warnings: [OTPWarning] = []
}

struct OTPAuthURITests {
    /// Base32 of `foobar1234`, 80 bits.
    static let key = "MZXW6YTBOIYTEMZU"

    static let good: [GoodURI] = [
        // VK Cloud's own.
        GoodURI(
            uri: "otpauth://totp/user%40example.com?secret=mzxw6ytboiytemzu"
                + "&issuer=MCS&algorithm=SHA1&digits=6&period=30",
            issuer: "MCS", account: "user@example.com"),
        GoodURI(uri: "otpauth://totp/alice?secret=\(key)"),
        GoodURI(uri: "OTPAUTH://TOTP/ALICE?SECRET=\(key)", account: "ALICE"),
        GoodURI(uri: "OtpAuth://ToTp/alice?Secret=\(key)&DIGITS=8", form: .digits(8)),
        GoodURI(uri: " \n\totpauth://totp/alice?secret=\(key)\r\n"),
        // Label and issuer.
        GoodURI(uri: "otpauth://totp/Big:alice?secret=\(key)&issuer=Big", issuer: "Big"),
        GoodURI(uri: "otpauth://totp/Big:alice?secret=\(key)", issuer: "Big"),
        GoodURI(uri: "otpauth://totp/Big%3Aalice?secret=\(key)", issuer: "Big"),
        GoodURI(uri: "otpauth://totp/Big%3aalice?secret=\(key)&issuer=Big", issuer: "Big"),
        GoodURI(uri: "otpauth://totp/Big:%20alice?secret=\(key)", issuer: "Big"),
        GoodURI(uri: "otpauth://totp/Big: alice?secret=\(key)", issuer: "Big"),
        GoodURI(uri: "otpauth://totp/Big%3A%20%20alice?secret=\(key)", issuer: "Big"),
        GoodURI(uri: "otpauth://totp/alice?secret=\(key)&issuer=Big", issuer: "Big"),
        GoodURI(uri: "otpauth://totp/alice?issuer=Big&secret=\(key)", issuer: "Big"),
        GoodURI(uri: "otpauth://totp/Big%20Corp:alice?secret=\(key)&issuer=Big%20Corp", issuer: "Big Corp"),
        GoodURI(uri: "otpauth://totp/Big%20Corp:alice?secret=\(key)&issuer=Big+Corp", issuer: "Big Corp"),
        GoodURI(uri: "otpauth://totp/Big Corp:alice?secret=\(key)", issuer: "Big Corp"),
        GoodURI(
            uri: "otpauth://totp/Big:alice%2Bwork@example.com?secret=\(key)", issuer: "Big",
            account: "alice+work@example.com"),
        GoodURI(
            uri: "otpauth://totp/Big:alice+work@example.com?secret=\(key)", issuer: "Big",
            account: "alice+work@example.com"),
        GoodURI(uri: "otpauth://totp/alice?secret=\(key)&issuer=Big%2BBigger", issuer: "Big+Bigger"),
        GoodURI(
            uri: "otpauth://totp/Old:alice?secret=\(key)&issuer=New", issuer: "New",
            warnings: [.issuerDiffers(label: "Old", parameter: "New")]),
        GoodURI(
            uri: "otpauth://totp/big:alice?secret=\(key)&issuer=Big", issuer: "Big",
            warnings: [.issuerDiffers(label: "big", parameter: "Big")]),
        GoodURI(uri: "otpauth://totp/Big:alice?secret=\(key)&issuer=", issuer: "Big"),
        GoodURI(uri: "otpauth://totp/Big:alice?secret=\(key)&issuer=%20", issuer: "Big"),
        GoodURI(uri: "otpauth://totp/:alice?secret=\(key)"),
        GoodURI(uri: "otpauth://totp/Big:a:b?secret=\(key)", issuer: "Big", account: "a:b"),
        GoodURI(uri: "otpauth://totp/My:Big:a?secret=\(key)&issuer=My:Big", issuer: "My:Big", account: "a"),
        GoodURI(uri: "otpauth://totp/Big:?secret=\(key)", issuer: "Big", account: ""),
        GoodURI(uri: "otpauth://totp/?secret=\(key)", account: ""),
        GoodURI(uri: "otpauth://totp?secret=\(key)", account: ""),
        GoodURI(uri: "otpauth://totp/%D0%9F%D0%BE%D1%87%D1%82%D0%B0:alice?secret=\(key)", issuer: "Почта"),
        GoodURI(uri: "otpauth://totp/Почта:алиса?secret=\(key)", issuer: "Почта", account: "алиса"),
        GoodURI(uri: "otpauth://totp/a/b#1?secret=\(key)", account: "a/b#1"),
        GoodURI(uri: "otpauth://totp/alice?secret=\(key)&issuer=a=b?c", issuer: "a=b?c"),
        // The secret.
        GoodURI(uri: "otpauth://totp/alice?secret=mzxw6ytboiytemzu"),
        GoodURI(uri: "otpauth://totp/alice?secret=mzxw%206ytb%20oiyt%20emzu"),
        GoodURI(uri: "otpauth://totp/alice?secret=mzxw+6ytb+oiyt+emzu"),
        GoodURI(uri: "otpauth://totp/alice?secret=mzxw 6ytb oiyt emzu"),
        GoodURI(uri: "otpauth://totp/alice?secret=MZXW-6YTB-OIYT-EMZU"),
        GoodURI(uri: "otpauth://totp/alice?secret=MZXW6YTBOI======", key: "foobar", warnings: [.shortKey(bits: 48)]),
        GoodURI(uri: "otpauth://totp/alice?secret=MZXW6YTBOI%3D%3D", key: "foobar", warnings: [.shortKey(bits: 48)]),
        GoodURI(uri: "otpauth://totp/alice?secret=MY", key: "f", warnings: [.shortKey(bits: 8)]),
        GoodURI(uri: "otpauth://totp/alice?%73ecret=\(key)"),
        // Algorithm, digits, period, counter.
        GoodURI(uri: "otpauth://totp/alice?secret=\(key)&algorithm=sha1"),
        GoodURI(uri: "otpauth://totp/alice?secret=\(key)&algorithm=SHA-1"),
        GoodURI(uri: "otpauth://totp/alice?secret=\(key)&algorithm=HMAC-SHA1"),
        GoodURI(uri: "otpauth://totp/alice?secret=\(key)&algorithm=HmacSHA1"),
        GoodURI(uri: "otpauth://totp/alice?secret=\(key)&algorithm=SHA256", algorithm: .sha256),
        GoodURI(uri: "otpauth://totp/alice?secret=\(key)&algorithm=sha-256", algorithm: .sha256),
        GoodURI(uri: "otpauth://totp/alice?secret=\(key)&algorithm=HMAC_SHA_256", algorithm: .sha256),
        GoodURI(uri: "otpauth://totp/alice?secret=\(key)&algorithm=HmacSha512", algorithm: .sha512),
        GoodURI(uri: "otpauth://totp/alice?secret=\(key)&digits=7", form: .digits(7)),
        GoodURI(uri: "otpauth://totp/alice?secret=\(key)&digits=10", form: .digits(10)),
        GoodURI(uri: "otpauth://totp/alice?secret=\(key)&digits=08", form: .digits(8)),
        GoodURI(uri: "otpauth://totp/alice?secret=\(key)&period=1", kind: .totp(periodSeconds: 1)),
        GoodURI(
            uri: "otpauth://totp/alice?secret=\(key)&period=2147483647", kind: .totp(periodSeconds: 2_147_483_647)),
        GoodURI(uri: "otpauth://hotp/alice?secret=\(key)&counter=0", kind: .hotp(counter: 0)),
        GoodURI(
            uri: "otpauth://hotp/Big:alice?secret=\(key)&counter=18446744073709551615&digits=8&algorithm=SHA512",
            kind: .hotp(counter: .max), form: .digits(8), algorithm: .sha512, issuer: "Big"),
        // Steam.
        GoodURI(uri: "otpauth://steam/Steam:alice?secret=\(key)", form: .steam, issuer: "Steam"),
        GoodURI(uri: "otpauth://steam/alice?secret=\(key)&digits=5&period=30&algorithm=SHA1", form: .steam),
        GoodURI(uri: "otpauth://totp/alice?secret=\(key)&encoder=steam", form: .steam),
        GoodURI(uri: "otpauth://totp/Steam:alice?secret=\(key)&digits=5", form: .steam, issuer: "Steam"),
        GoodURI(uri: "otpauth://totp/alice?secret=\(key)&digits=5&issuer=steam", form: .steam, issuer: "steam"),
        GoodURI(uri: "otpauth://totp/Steam:alice?secret=\(key)&digits=6", issuer: "Steam"),
        // What is passed over.
        GoodURI(uri: "otpauth://totp/alice?secret=\(key)&"),
        GoodURI(uri: "otpauth://totp/alice?&&secret=\(key)&&digits=6"),
        GoodURI(uri: "otpauth://totp/alice?secret=\(key)&amp;issuer=Big&amp;digits=8", form: .digits(8), issuer: "Big"),
        GoodURI(
            uri: "otpauth://totp/alice?secret=\(key)&image=https%3A%2F%2Fexample.com%2Fa.png",
            warnings: [.parametersIgnored(count: 1)]),
        GoodURI(
            uri: "otpauth://totp/alice?secret=\(key)&icon=a&icon=b&lock", warnings: [.parametersIgnored(count: 3)]),
        GoodURI(uri: "otpauth://totp/alice?secret=\(key)&counter=5", warnings: [.parametersIgnored(count: 1)]),
        GoodURI(
            uri: "otpauth://hotp/alice?secret=\(key)&counter=5&period=30", kind: .hotp(counter: 5),
            warnings: [.parametersIgnored(count: 1)]),
    ]

    static let bad: [(String, OTPError)] = [
        ("", .notOTPAuth),
        (" ", .notOTPAuth),
        ("otpauth", .notOTPAuth),
        ("otpauth:/totp/a?secret=\(key)", .notOTPAuth),
        ("otpauth:totp/a?secret=\(key)", .notOTPAuth),
        ("https://example.com/?secret=\(key)", .notOTPAuth),
        ("totp/a?secret=\(key)", .notOTPAuth),
        (key, .notOTPAuth),
        ("otpauth-migration://offline?data=CjEKCkhlbGxv", .googleMigration),
        ("OTPAUTH-MIGRATION://offline?data=CjEKCkhlbGxv", .googleMigration),
        ("otpauth://", .unknownKind),
        ("otpauth://?secret=\(key)", .unknownKind),
        ("otpauth:///a?secret=\(key)", .unknownKind),
        ("otpauth://motp/a?secret=\(key)", .unknownKind),
        ("otpauth://totpx/a?secret=\(key)", .unknownKind),
        ("otpauth://totp:80/a?secret=\(key)", .unknownKind),
        ("otpauth://yaotp/a?secret=\(key)", .unknownKind),
        ("otpauth://totp/a?secret=\(key)&encoder=yandex", .unknownKind),
        // The secret.
        ("otpauth://totp/a", .missingParameter(.secret)),
        ("otpauth://totp", .missingParameter(.secret)),
        ("otpauth://totp/a?", .missingParameter(.secret)),
        ("otpauth://totp/a?issuer=b", .missingParameter(.secret)),
        ("otpauth://totp/a&secret=\(key)", .missingParameter(.secret)),
        ("otpauth://totp/a?secret", .secretEmpty),
        ("otpauth://totp/a?secret=", .secretEmpty),
        ("otpauth://totp/a?secret=%20", .secretEmpty),
        ("otpauth://totp/a?secret=====", .secretEmpty),
        ("otpauth://totp/a?secret=MZXW0", .secretSymbol(position: 4)),
        ("otpauth://totp/a?secret=MZ%21XW", .secretSymbol(position: 2)),
        ("otpauth://totp/a?secret=MZXW%D0%B0", .secretSymbol(position: 4)),
        ("otpauth://totp/a?secret=MZX", .secretLength(symbols: 3)),
        ("otpauth://totp/a?secret=\(String(repeating: "A", count: 1648))", .secretTooLong(maximumBytes: 1024)),
        // Digits.
        ("otpauth://totp/a?secret=\(key)&digits=5", .digits),
        ("otpauth://totp/a?secret=\(key)&digits=11", .digits),
        ("otpauth://totp/a?secret=\(key)&digits=0", .digits),
        ("otpauth://totp/a?secret=\(key)&digits=-6", .digits),
        ("otpauth://totp/a?secret=\(key)&digits=", .digits),
        ("otpauth://totp/a?secret=\(key)&digits", .digits),
        ("otpauth://totp/a?secret=\(key)&digits=6.0", .digits),
        ("otpauth://totp/a?secret=\(key)&digits=six", .digits),
        ("otpauth://totp/a?secret=\(key)&digits=%D9%A6", .digits),
        ("otpauth://totp/a?secret=\(key)&digits=99999999999999999999", .digits),
        ("otpauth://totp/a?secret=\(key)&digits=18446744073709551615", .digits),
        ("otpauth://steam/a?secret=\(key)&digits=6", .digits),
        ("otpauth://totp/Other:a?secret=\(key)&digits=5", .digits),
        // Period.
        ("otpauth://totp/a?secret=\(key)&period=0", .period),
        ("otpauth://totp/a?secret=\(key)&period=-30", .period),
        ("otpauth://totp/a?secret=\(key)&period=2147483648", .period),
        ("otpauth://totp/a?secret=\(key)&period=9223372036854775808", .period),
        ("otpauth://totp/a?secret=\(key)&period=18446744073709551616", .period),
        ("otpauth://totp/a?secret=\(key)&period=+30", .period),
        ("otpauth://totp/a?secret=\(key)&period=", .period),
        ("otpauth://totp/a?secret=\(key)&period=30s", .period),
        ("otpauth://steam/a?secret=\(key)&period=60", .period),
        // Counter.
        ("otpauth://hotp/a?secret=\(key)", .missingParameter(.counter)),
        ("otpauth://hotp/a?secret=\(key)&counter=", .counter),
        ("otpauth://hotp/a?secret=\(key)&counter=-1", .counter),
        ("otpauth://hotp/a?secret=\(key)&counter=18446744073709551616", .counter),
        ("otpauth://hotp/a?secret=\(key)&counter=1&encoder=steam", .wrongKind),
        // Algorithm.
        ("otpauth://totp/a?secret=\(key)&algorithm=MD5", .algorithm),
        ("otpauth://totp/a?secret=\(key)&algorithm=SHA224", .algorithm),
        ("otpauth://totp/a?secret=\(key)&algorithm=SHA3-256", .algorithm),
        ("otpauth://totp/a?secret=\(key)&algorithm=", .algorithm),
        ("otpauth://totp/a?secret=\(key)&algorithm=SHA1x", .algorithm),
        ("otpauth://totp/a?secret=\(key)&algorithm=HMAC", .algorithm),
        ("otpauth://totp/a?secret=\(key)&algorithm=1", .algorithm),
        ("otpauth://steam/a?secret=\(key)&algorithm=SHA256", .algorithm),
        // Twice.
        ("otpauth://totp/a?secret=\(key)&secret=\(key)", .duplicateParameter(.secret)),
        ("otpauth://totp/a?secret=\(key)&SECRET=MY", .duplicateParameter(.secret)),
        ("otpauth://totp/a?secret=\(key)&s%65cret=MY", .duplicateParameter(.secret)),
        ("otpauth://totp/a?secret=\(key)&issuer=a&issuer=a", .duplicateParameter(.issuer)),
        ("otpauth://totp/a?secret=\(key)&issuer=&issuer=a", .duplicateParameter(.issuer)),
        ("otpauth://totp/a?secret=\(key)&digits=6&digits=8", .duplicateParameter(.digits)),
        ("otpauth://totp/a?secret=\(key)&period=30&period=60", .duplicateParameter(.period)),
        ("otpauth://totp/a?secret=\(key)&algorithm=SHA1&algorithm=SHA256", .duplicateParameter(.algorithm)),
        ("otpauth://hotp/a?secret=\(key)&counter=1&counter=2", .duplicateParameter(.counter)),
        ("otpauth://totp/a?secret=\(key)&encoder=steam&encoder=steam", .duplicateParameter(.encoder)),
        // Text.
        ("otpauth://totp/a%00b?secret=\(key)", .invalidText),
        ("otpauth://totp/a%0Ab?secret=\(key)", .invalidText),
        ("otpauth://totp/a%1Bb?secret=\(key)", .invalidText),
        ("otpauth://totp/a%7Fb?secret=\(key)", .invalidText),
        ("otpauth://totp/a%C2%9Bb?secret=\(key)", .invalidText),
        ("otpauth://totp/a%FFb?secret=\(key)", .invalidText),
        ("otpauth://totp/a%C3?secret=\(key)", .invalidText),
        ("otpauth://totp/a%ED%A0%80?secret=\(key)", .invalidText),
        ("otpauth://totp/a%C0%80?secret=\(key)", .invalidText),
        ("otpauth://totp/a?secret=\(key)&issuer=%00", .invalidText),
        ("otpauth://totp/a?secret=\(key)&issuer=%E2%28%A1", .invalidText),
        ("otpauth://totp/a?secret=MZXW%006YTB", .invalidText),
        ("otpauth://totp/a?secret=MZXW%0A6YTB", .invalidText),
        ("otpauth://totp/a?secret=\(key)&image=%00", .invalidText),
        ("otpauth://totp/a?secret=\(key)&%00=1", .invalidText),
        ("otpauth://totp/a\u{0}b?secret=\(key)", .invalidText),
        ("otpauth://totp/a\nb?secret=\(key)", .invalidText),
        ("otpauth://totp/a\u{9B}b?secret=\(key)", .invalidText),
        ("otpauth://totp/100%?secret=\(key)", .percentEncoding(position: 18)),
        ("otpauth://totp/a%4?secret=\(key)", .percentEncoding(position: 16)),
        ("otpauth://totp/a%4g?secret=\(key)", .percentEncoding(position: 16)),
        ("otpauth://totp/a?secret=MY%", .percentEncoding(position: 26)),
        ("otpauth://totp/a?secret=MY%&issuer=41", .percentEncoding(position: 26)),
        ("otpauth://totp/a?secret=MY&issuer=%zz", .percentEncoding(position: 34)),
        // Sizes.
        ("otpauth://totp/\(String(repeating: "a", count: 257))?secret=\(key)", .label),
        ("otpauth://totp/a?secret=\(key)&issuer=\(String(repeating: "a", count: 257))", .label),
        ("otpauth://totp/a?secret=\(key)&x=\(String(repeating: "a", count: 4096))", .uriTooLong(maximumBytes: 4096)),
    ]

    static func parse(_ uri: String) throws(OTPError) -> OTPAuthURI.Parsed {
        try OTPAuthURI.parse(secret(uri).span)
    }

    @Test func `URIs from the wild are read`() throws {
        for sample in Self.good {
            let parsed = try Self.parse(sample.uri)
            let parameters = parsed.parameters
            let uri = Comment(rawValue: sample.uri.debugDescription)
            #expect(parameters.kind == sample.kind, uri)
            #expect(parameters.form == sample.form, uri)
            #expect(parameters.algorithm == sample.algorithm, uri)
            #expect(parameters.issuer == sample.issuer, uri)
            #expect(parameters.account == sample.account, uri)
            #expect(array(parameters.key.span) == Array(sample.key.utf8), uri)
            #expect(parsed.warnings == sample.warnings, uri)
        }
        print("otpauth URIs read: \(Self.good.count)")
    }

    @Test func `malformed URIs are refused for what is wrong with them`() {
        for (uri, expected) in Self.bad {
            let error = failure { () throws(OTPError) in _ = try Self.parse(uri) }
            #expect(error == expected, Comment(rawValue: uri.debugDescription))
        }
        print("otpauth URIs refused: \(Self.bad.count)")
    }

    @Test func `what is written has one form`() throws {
        let totp = try OTPParameters(
            kind: .totp(periodSeconds: 60), form: .digits(8), algorithm: .sha256, issuer: "Big Corp",
            account: "a+b@example.com", key: slice("foobar1234"))
        #expect(
            text(OTPAuthURI.serialize(totp))
                == "otpauth://totp/Big%20Corp:a%2Bb%40example.com?secret=\(Self.key)&issuer=Big%20Corp"
                + "&algorithm=SHA256&digits=8&period=60")
        let hotp = try OTPParameters(kind: .hotp(counter: 7), account: "a:b", key: slice("foobar1234"))
        #expect(
            text(OTPAuthURI.serialize(hotp))
                == "otpauth://hotp/:a%3Ab?secret=\(Self.key)&algorithm=SHA1&digits=6&counter=7")
        let steam = try OTPParameters(kind: .totp(periodSeconds: 30), form: .steam, key: slice("foobar1234"))
        #expect(
            text(OTPAuthURI.serialize(steam))
                == "otpauth://totp/?secret=\(Self.key)&algorithm=SHA1&digits=5&period=30&encoder=steam")
    }

    @Test func `what was read once is written and read alike for ever`() throws {
        for sample in Self.good {
            let first = try Self.parse(sample.uri).parameters
            let written = OTPAuthURI.serialize(first)
            let again = try OTPAuthURI.parse(written.span)
            #expect(again.parameters == first)
            #expect(again.warnings == first.warnings)
            let rewritten = OTPAuthURI.serialize(again.parameters)
            #expect(array(rewritten) == array(written))
        }
    }

    @Test func `any settings within the limits are written within the limit and read back`() throws {
        var random = SeededRandom()
        print("otpauth round trips: seed \(random.seed)")
        let alphabet = Array("ab: +%&=?#/é́Жか😀\u{202E}\"~-._".unicodeScalars)
        func label(_ random: inout SeededRandom) -> String {
            var label = String.UnicodeScalarView()
            let count = Int.random(in: 0...(Bool.random(using: &random) ? 8 : 64), using: &random)
            for _ in 0..<count { label.append(alphabet.randomElement(using: &random) ?? "a") }
            return String(label)
        }
        for round in 0..<2_000 {
            let key = SecretSlice(copying: random.bytes(1...(round % 10 == 0 ? 1024 : 40)))
            let steam = round % 7 == 0
            let kind: OTPParameters.Kind =
                steam
                ? .totp(periodSeconds: 30)
                : random.next() % 2 == 0
                    ? .hotp(counter: random.number(bits: 64))
                    : .totp(periodSeconds: Int(max(1, random.number(bits: 31))))
            let parameters = try OTPParameters(
                kind: kind, form: steam ? .steam : .digits(Int.random(in: 6...10, using: &random)),
                algorithm: steam ? .sha1 : HashAlgorithm.allCases[round % 3],
                issuer: random.next() % 3 == 0 ? nil : label(&random), account: label(&random), key: key)
            let written = OTPAuthURI.serialize(parameters)
            #expect(written.count <= OTPLimits.uriCount)
            let read = try OTPAuthURI.parse(written.span)
            // Strings compare by canonical equivalence; the bytes must be the same as well.
            let rewritten = OTPAuthURI.serialize(read.parameters)
            #expect(read.parameters == parameters, "seed \(random.seed), round \(round)")
            #expect(read.warnings == parameters.warnings, "seed \(random.seed), round \(round)")
            #expect(array(rewritten) == array(written), "seed \(random.seed), round \(round)")
        }
    }

    @Test func `the largest settings have a URI within the limit`() throws {
        let label = String(repeating: "\u{20AC}", count: 85)
        let parameters = try OTPParameters(
            kind: .hotp(counter: .max), form: .digits(10), algorithm: .sha512, issuer: label, account: label,
            key: SecretSlice(SecretBytes(zeroed: OTPLimits.keyCount)))
        let written = OTPAuthURI.serialize(parameters)
        #expect(written.count <= OTPLimits.uriCount)
        let read = try OTPAuthURI.parse(written.span)
        #expect(read.parameters == parameters)
    }

    @Test func `random and damaged URIs never trap, and whatever is read is written and read alike`() throws {
        var random = SeededRandom()
        print("damaged otpauth URIs: seed \(random.seed)")
        var readCount = 0
        for round in 0..<5_000 {
            let sample = Self.good.randomElement(using: &random)?.uri ?? ""
            var bytes = round % 5 == 0 ? random.bytes(0...200) : Array(sample.utf8)
            for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch random.next() % 4 {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[index] = Array("%&=?/:+ ".utf8).randomElement(using: &random) ?? 0
                case 2: bytes.remove(at: index)
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
                }
            }
            let uri = SecretBytes(copying: bytes)
            guard let read = try? OTPAuthURI.parse(uri.span) else { continue }
            readCount += 1
            let written = OTPAuthURI.serialize(read.parameters)
            let again = try OTPAuthURI.parse(written.span)
            #expect(again.parameters == read.parameters, "seed \(random.seed), round \(round)")
        }
        print("damaged otpauth URIs: \(readCount) of 5000 were still readable")
    }
}
