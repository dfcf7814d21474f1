/// The limits that settings must keep, wherever they come from.
import CofferCrypto
import CofferMemory
import CofferOTP
import TestSupport
import Testing

struct OTPParametersTests {
    @Test func `settings outside the limits are refused for what is wrong with them`() {
        func error(
            _ kind: OTPParameters.Kind = .totp(periodSeconds: 30), _ form: OTPParameters.Form = .digits(6),
            _ algorithm: HashAlgorithm = .sha1, account: String = "", key: SecretSlice = slice("foobar1234")
        ) -> OTPError? {
            failure { () throws(OTPError) in
                _ = try OTPParameters(kind: kind, form: form, algorithm: algorithm, account: account, key: key)
            }
        }
        #expect(error() == nil)
        #expect(error(.totp(periodSeconds: 0)) == .period)
        #expect(error(.totp(periodSeconds: -1)) == .period)
        #expect(error(.totp(periodSeconds: .min)) == .period)
        #expect(error(.totp(periodSeconds: .max)) == .period)
        #expect(error(.totp(periodSeconds: 30), .digits(5)) == .digits)
        #expect(error(.totp(periodSeconds: 30), .digits(11)) == .digits)
        #expect(error(.totp(periodSeconds: 30), .digits(.min)) == .digits)
        #expect(error(.hotp(counter: 0), .steam) == .wrongKind)
        #expect(error(.totp(periodSeconds: 31), .steam) == .period)
        #expect(error(.totp(periodSeconds: 30), .steam, .sha256) == .algorithm)
        #expect(error(account: "a\u{7}") == .label)
        #expect(error(account: String(repeating: "a", count: 257)) == .label)
        #expect(error(key: slice("")) == .secretEmpty)
        #expect(error(key: SecretSlice(SecretBytes(zeroed: 1025))) == .secretTooLong(maximumBytes: 1024))
    }

    @Test func `a key of 80 bits is fine, a shorter one is taken with a warning`() throws {
        let kind = OTPParameters.Kind.totp(periodSeconds: 30)
        #expect(try OTPParameters(kind: kind, key: slice("1234567890")).warnings == [])
        #expect(try OTPParameters(kind: kind, key: slice("123456789")).warnings == [.shortKey(bits: 72)])
    }
}
