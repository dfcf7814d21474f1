/// TOTP against RFC 6238, appendix B, and what it says about time.
import CofferCrypto
import CofferMemory
import CofferOTP
import TestSupport
import Testing

struct TOTPTests {
    static func totp(_ periodSeconds: Int = 30) throws(OTPError) -> OTPParameters {
        try OTPParameters(kind: .totp(periodSeconds: periodSeconds), key: slice("12345678901234567890"))
    }

    @Test func `the codes of RFC 6238 come out, each hash with a key of its own length`() throws {
        let rows: [(time: Int64, sha1: String, sha256: String, sha512: String)] = [
            (59, "94287082", "46119246", "90693936"),
            (1_111_111_109, "07081804", "68084774", "25091201"),
            (1_111_111_111, "14050471", "67062674", "99943326"),
            (1_234_567_890, "89005924", "91819424", "93441116"),
            (2_000_000_000, "69279037", "90698825", "38618901"),
            (20_000_000_000, "65353130", "77737706", "47863826"),
        ]
        // The RFC's text shows one key of 20 bytes; its program takes 20, 32 and 64 (errata 2866).
        func code(_ time: Int64, _ algorithm: HashAlgorithm, keyCount: Int) throws -> String {
            let digits = String(repeating: "1234567890", count: 7).prefix(keyCount)
            let parameters = try OTPParameters(
                kind: .totp(periodSeconds: 30), form: .digits(8), algorithm: algorithm, key: slice(String(digits)))
            return text(try TOTP.code(parameters, atUnixSeconds: time))
        }
        for row in rows {
            #expect(try code(row.time, .sha1, keyCount: 20) == row.sha1)
            #expect(try code(row.time, .sha256, keyCount: 32) == row.sha256)
            #expect(try code(row.time, .sha512, keyCount: 64) == row.sha512)
        }
        print("RFC 6238, appendix B: \(rows.count * 3) rows")
    }

    @Test func `a window says from when until when its code is valid`() throws {
        let window = try TOTP.window(Self.totp(), atUnixSeconds: 1_000_000_013)
        #expect(window.counter == 33_333_333)
        #expect(window.validFromUnixSeconds == 999_999_990)
        #expect(window.validUntilUnixSeconds == 1_000_000_020)
        #expect(window.remainingSeconds == 7)
        #expect(try TOTP.window(Self.totp(), atUnixSeconds: 999_999_990).remainingSeconds == 30)
        #expect(try TOTP.window(Self.totp(), atUnixSeconds: 1_000_000_019).remainingSeconds == 1)
    }

    @Test func `the next code is the one that is valid afterwards`() throws {
        for time: Int64 in [0, 29, 30, 59, 1_700_000_000] {
            let next = try TOTP.nextCode(Self.totp(), atUnixSeconds: time)
            let later = try TOTP.code(Self.totp(), atUnixSeconds: time + 30)
            #expect(text(next) == text(later))
        }
    }

    @Test func `waiting for a fresh code leads to one that is valid long enough`() throws {
        for time: Int64 in 0...95 {
            for seconds in -1...30 {
                let wait = try TOTP.secondsUntilFresh(periodSeconds: 30, seconds: seconds, atUnixSeconds: time)
                let then = try TOTP.window(Self.totp(), atUnixSeconds: time + Int64(wait))
                #expect(then.remainingSeconds >= seconds)
                let now = try TOTP.window(Self.totp(), atUnixSeconds: time)
                #expect((wait == 0) == (now.remainingSeconds >= seconds))
            }
        }
    }

    @Test func `more freshness than the period has is refused`() throws {
        let error = failure { () throws(OTPError) in
            _ = try TOTP.secondsUntilFresh(periodSeconds: 30, seconds: 31, atUnixSeconds: 0)
        }
        #expect(error == .freshnessBeyondPeriod(periodSeconds: 30))
    }

    @Test(arguments: [-1, Int64.min, OTPLimits.unixSecondsMaximum + 1, Int64.max])
    func `a time without a code is refused`(time: Int64) throws {
        for period in [1, 30, 0x7FFF_FFFF] {
            let parameters = try Self.totp(period)
            let errors = [
                failure { () throws(OTPError) in _ = try TOTP.code(parameters, atUnixSeconds: time) },
                failure { () throws(OTPError) in _ = try TOTP.nextCode(parameters, atUnixSeconds: time) },
                failure { () throws(OTPError) in
                    _ = try TOTP.secondsUntilFresh(periodSeconds: period, seconds: .max, atUnixSeconds: time)
                },
            ]
            #expect(errors == Array(repeating: .timeOutOfRange, count: 3))
        }
    }

    @Test func `every time given out for the latest moment lies before the year 10000`() throws {
        let window = try TOTP.window(Self.totp(0x7FFF_FFFF), atUnixSeconds: OTPLimits.unixSecondsMaximum)
        #expect(window.validUntilUnixSeconds < 253_402_300_800)
        let next = text(try TOTP.nextCode(Self.totp(), atUnixSeconds: OTPLimits.unixSecondsMaximum))
        #expect(next.count == 6)
    }

    @Test func `a time is refused to a counter-based secret`() throws {
        let parameters = try OTPParameters(kind: .hotp(counter: 0), key: slice("12345678901234567890"))
        let error = failure { () throws(OTPError) in _ = try TOTP.code(parameters, atUnixSeconds: 1) }
        #expect(error == .wrongKind)
    }
}
