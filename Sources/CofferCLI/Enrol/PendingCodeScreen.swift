/// Shows the codes of a key that the service has not accepted yet, and waits for the person's word.
import CofferMemory
import CofferModel
import CofferOTP
import CofferVault
import Glibc

struct PendingCodeScreen {
    enum Answer { case accepted, later, phone }

    let id: EntryID
    let title: String
    let username: String?
    let parameters: OTPParameters
    /// Seconds since 1970.
    let now: @Sendable () -> UInt64

    private static let phone = UInt8(ascii: "p")

    func run() throws -> Answer {
        let screen = LiveScreen(keys: LiveScreen.enter + [Self.phone])
        try screen.begin()
        defer { screen.leave() }
        let source = OneTimeCodeSource { seconds in [try row(atSeconds: seconds)] }
        let help = "Type the code into the service's page. Enter: it was accepted · p: QR code for a phone · q: later"
        switch try OneTimeCodeWatch(source: source, clock: OneTimeCodeWatch.systemClock).keyPressed(
            on: screen, help: help)
        {
        case nil: return .later
        case Self.phone: return .phone
        default: return .accepted
        }
    }

    private func row(atSeconds seconds: Int64) throws -> OneTimeCodeRow {
        let code = OneTimeCode(try TimedCode(parameters, atSeconds: seconds), atSeconds: seconds)
        return OneTimeCodeRow(
            id: id, title: title, username: username, state: .code(code))
    }

    /// The same on a terminal where nothing can be drawn in place.
    func ask(_ prompt: TerminalPrompt) throws -> Answer {
        let absence = CLIError.Question.value(what: "whether the service accepted the code", option: "--yes")
        while true {
            let time = Int64(clamping: now())
            let code = OneTimeCode(try TimedCode(parameters, atSeconds: time), atSeconds: time)
            var line = SecretBuilder(capacity: 256)
            line.append(fixed: "The code: ")
            line.append(code.code)
            line.append(text: ", for \(code.remainingSeconds) s more. Type it into the service's page.\n")
            try prompt.show(line.span, or: absence)
            let answer = try prompt.askLine(
                prompt: "y: it was accepted, p: QR code for a phone, q: later, Enter: the code as it is now: ",
                or: absence)
            switch answer.lowercased() {
            case "y", "yes": return .accepted
            case "p": return .phone
            case "q": return .later
            default: continue
            }
        }
    }
}
