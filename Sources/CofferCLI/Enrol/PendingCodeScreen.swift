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
        while true {
            let time = OneTimeCodeWatch.systemClock()
            let output = Output(descriptor: STDOUT_FILENO)
            let frame = OneTimeCodeFrame(
                source: source, atSeconds: time.seconds, output: output, lines: LiveScreen.lines,
                keys:
                    "Type the code into the service's page. Enter: it was accepted · p: QR code for a phone · q: later")
            let picture = try frame.rendered()
            try output.write(picture.span)
            switch try screen.wait(nanoseconds: 1_000_000_000 - time.nanoseconds) {
            case .time, .redraw: continue
            case .quit: return .later
            case .key(Self.phone): return .phone
            case .key: return .accepted
            }
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
