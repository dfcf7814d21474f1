/// A time-based code with all that is told about it (docs/cli.md, "JSON").
import CofferMemory
import CofferVault

struct OneTimeCode {
    let code: SecretSlice
    /// The code that is valid after this one.
    let next: SecretSlice
    let periodSeconds: Int
    /// How long from the time asked about until this code is not valid any more.
    let remainingSeconds: Int
    private let validFrom: UTCTime
    private let validUntil: UTCTime

    /// `timed` as it is told of at `atSeconds` since 1970.
    init(_ timed: TimedCode, atSeconds: Int64) {
        code = timed.code
        next = timed.next
        periodSeconds = timed.periodSeconds
        remainingSeconds = Int(clamping: timed.validUntilSeconds - atSeconds)
        validFrom = UTCTime(clampingUnixSeconds: timed.validFromSeconds)
        validUntil = UTCTime(clampingUnixSeconds: timed.validUntilSeconds)
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
