/// A time-based code with all that is told about it (docs/cli.md, "JSON").
import CofferMemory
import CofferOTP

struct OneTimeCode {
    let code: SecretSlice
    /// The code that is valid after this one.
    let next: SecretSlice
    let periodSeconds: Int
    /// How long from the time asked about until this code is not valid any more.
    let remainingSeconds: Int
    private let validFrom: UTCTime
    private let validUntil: UTCTime

    /// The code at `atSeconds` since 1970, or with `isNext` the one after it.
    init(_ parameters: OTPParameters, atSeconds: Int64, isNext: Bool = false) throws(OTPError) {
        let current = try TOTP.window(parameters, atUnixSeconds: atSeconds)
        let start = isNext ? current.validUntilUnixSeconds : atSeconds
        let window = try TOTP.window(parameters, atUnixSeconds: start)
        code = SecretSlice(try TOTP.code(parameters, atUnixSeconds: start))
        next = SecretSlice(try TOTP.nextCode(parameters, atUnixSeconds: start))
        periodSeconds = window.periodSeconds
        remainingSeconds = Int(window.validUntilUnixSeconds - atSeconds)
        validFrom = UTCTime(clampingUnixSeconds: window.validFromUnixSeconds)
        validUntil = UTCTime(clampingUnixSeconds: window.validUntilUnixSeconds)
    }

    func printJSON() throws {
        var json = JSONWriter(SecretBuilder(capacity: 1024))
        json.beginObject()
        writeMembers(to: &json)
        json.endObject()
        let text = json.finish()
        try Output.standard.write(text.span)
    }

    func writeMembers<Sink: ByteSink & ~Copyable>(to json: inout JSONWriter<Sink>) {
        json.key("code")
        json.value(code)
        json.member("digits", code.count)
        json.member("period", periodSeconds)
        json.member("remaining", remainingSeconds)
        json.key("next")
        json.value(next)
        json.member("valid_from", validFrom.text)
        json.member("valid_until", validUntil.text)
    }

    /// The code that `counter` gave.
    static func printJSON(_ code: SecretSlice, counter: UInt64) throws {
        var json = JSONWriter(SecretBuilder(capacity: 1024))
        json.beginObject()
        json.key("code")
        json.value(code)
        json.member("digits", code.count)
        json.key("counter")
        json.value(unsigned: counter)
        json.endObject()
        let text = json.finish()
        try Output.standard.write(text.span)
    }
}
