/// HOTP against RFC 4226, appendix D, and its own promises.
import CofferCrypto
import CofferMemory
import CofferOTP
import TestSupport
import Testing

struct HOTPTests {
    static let key = "12345678901234567890"

    @Test func `the ten codes of RFC 4226 come out`() throws {
        let expected = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
        ]
        let parameters = try OTPParameters(kind: .hotp(counter: 0), key: slice(Self.key))
        for (counter, code) in expected.enumerated() {
            let computed = text(try HOTP.code(parameters, counter: UInt64(counter)))
            #expect(computed == code)
        }
        print("RFC 4226, appendix D: \(expected.count) rows")
    }

    @Test func `ten digits show the whole truncated value of RFC 4226`() throws {
        let truncated: [UInt32] = [
            1_284_755_224, 1_094_287_082, 137_359_152, 1_726_969_429, 1_640_338_314, 868_254_676, 1_918_287_922,
            82_162_583, 673_399_871, 645_520_489,
        ]
        let parameters = try OTPParameters(kind: .hotp(counter: 0), form: .digits(10), key: slice(Self.key))
        for (counter, value) in truncated.enumerated() {
            let digits = String(value)
            let expected = String(repeating: "0", count: 10 - digits.count) + digits
            let computed = text(try HOTP.code(parameters, counter: UInt64(counter)))
            #expect(computed == expected)
        }
    }

    @Test func `the largest counter has a code`() throws {
        let parameters = try OTPParameters(kind: .hotp(counter: .max), key: slice(Self.key))
        let code = text(try HOTP.code(parameters, counter: .max))
        #expect(code.count == 6)
    }

    @Test func `a counter's code is refused to a time-based secret`() throws {
        let parameters = try OTPParameters(kind: .totp(periodSeconds: 30), key: slice(Self.key))
        let error = failure { () throws(OTPError) in _ = try HOTP.code(parameters, counter: 1) }
        #expect(error == .wrongKind)
    }
}
