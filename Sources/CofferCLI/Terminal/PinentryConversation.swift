/// One conversation with a pinentry program, in the lines of the Assuan protocol.
import CofferCrypto
import CofferMemory
import Glibc

/// One run of the program: commands there, answers back. It is told to end when this goes.
struct PinentryConversation: ~Copyable {
    /// How long the program may take for anything but a person's answer.
    private static let patienceNanoseconds: UInt64 = 10_000_000_000
    /// More lines to one command are no answer.
    private static let linesMaximum = 100

    private let path: String
    private let process: PinentryProcess
    private var reader = AssuanReader()
    /// Whether the last command has its answer: a program that is not in order is not waited for.
    private var isInOrder = false

    private init(_ path: String, _ process: PinentryProcess) { (self.path, self.process) = (path, process) }

    static func begin(_ path: String, _ turnFolder: String?) throws(CLIError) -> PinentryConversation {
        var talk = PinentryConversation(path, try PinentryProcess(path, turnFolder: turnFolder))
        try talk.greet()
        return talk
    }

    private mutating func greet() throws(CLIError) {
        var nothing = SecretBuilder(capacity: 0)
        guard try outcome(into: &nothing, maximumBytes: nil, waitsForPerson: false) == .ok else {
            throw fault(.garbled)
        }
        for (name, value) in options() { try tell("OPTION \(name)=\(value)", isNeeded: false) }
        try tell("SETTITLE Coffer", isNeeded: false)
    }

    deinit { if isInOrder { process.sayFarewell("BYE\n".utf8Span.span) } }

    mutating func secret(
        _ question: Pinentry.Question, what: String, maximumBytes: Int
    ) throws(CLIError) -> SecretBytes {
        try set("SETDESC", question.text)
        try set("SETPROMPT", question.label)
        if let slip = question.slip { try set("SETERROR", slip) }
        try send("GETPIN".utf8Span.span)
        var answer = SecretBuilder(capacity: maximumBytes)
        switch try outcome(into: &answer, maximumBytes: maximumBytes, what: what, waitsForPerson: true) {
        case .ok: return answer.finish()
        case .cancelled, .declined: throw .cancelled
        case .failed(let code): throw fault(.refused(code: code))
        }
    }

    mutating func confirm(_ text: String) throws(CLIError) -> Bool {
        try set("SETDESC", text)
        try tell("SETOK Yes", isNeeded: false)
        try tell("SETNOTOK No", isNeeded: false)
        try send("CONFIRM".utf8Span.span)
        var nothing = SecretBuilder(capacity: 0)
        switch try outcome(into: &nothing, maximumBytes: nil, waitsForPerson: true) {
        case .ok: return true
        case .declined: return false
        case .cancelled: throw .cancelled
        case .failed(let code): throw fault(.refused(code: code))
        }
    }

    // MARK: Commands

    /// The terminal, screen and language of the caller, each in one word.
    private func options() -> [(name: String, value: String)] {
        let language = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { Environment.value($0) }.first { !$0.isEmpty }
        let all = [
            ("ttyname", process.terminalPath),
            ("ttytype", process.terminalPath == nil ? nil : Environment.value("TERM")),
            ("lc-ctype", language), ("display", Environment.value("DISPLAY")),
        ]
        // An option's value is not unescaped, so one that would need it is left out.
        return all.compactMap { name, value in
            guard let value, !value.isEmpty, value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
            return (name, value)
        }
    }

    /// Sends a command with a text for the person, who must not be misled by what an entry or a path holds.
    private mutating func set(_ name: String, _ text: String) throws(CLIError) {
        var shown = PrivateBuilder(capacity: text.utf8.count)
        Escaping.append(text.utf8Span.span, to: &shown)
        var line = PrivateBuilder(capacity: AssuanLine.countMaximum + 1)
        line.append(text: name + " ")
        AssuanLine.append(
            parameter: withoutMarkup(shown.span).span, to: &line, countMaximum: AssuanLine.countMaximum - line.count)
        try tell(line.span, isNeeded: true)
    }

    /// Qt takes a text with tags for HTML.
    private func withoutMarkup(_ text: borrowing Span<UInt8>) -> PrivateBuilder {
        var plain = PrivateBuilder(capacity: text.count)
        for position in text.indices {
            if text[position] == UInt8(ascii: "<") {
                plain.append(fixed: "\\u{3C}")
            } else {
                plain.append(text[position])
            }
        }
        return plain
    }

    private mutating func tell(_ line: String, isNeeded: Bool) throws(CLIError) {
        guard line.utf8.count <= AssuanLine.countMaximum else { return }
        try tell(line.utf8Span.span, isNeeded: isNeeded)
    }

    /// Sends a command that takes no time; one that is not needed may be unknown to the program.
    private mutating func tell(_ line: borrowing Span<UInt8>, isNeeded: Bool) throws(CLIError) {
        try send(line)
        var nothing = SecretBuilder(capacity: 0)
        switch try outcome(into: &nothing, maximumBytes: nil, waitsForPerson: false) {
        case .ok: return
        case .failed(let code) where isNeeded: throw fault(.refused(code: code))
        case .failed: return
        case .cancelled, .declined: throw .cancelled
        }
    }

    private mutating func send(_ line: borrowing Span<UInt8>) throws(CLIError) {
        isInOrder = false
        // What came before its command is no answer to it.
        guard reader.isDrained else { throw fault(.garbled) }
        var whole = PrivateBuilder(capacity: line.count + 1)
        whole.append(line)
        whole.append(UInt8(ascii: "\n"))
        try process.send(whole.span)
    }

    // MARK: Answers

    private enum Outcome: Equatable {
        case ok
        /// The person gave up.
        case cancelled
        /// The person said no.
        case declined
        case failed(code: UInt32)
    }

    /// What a command came to; data goes decoded into `answer`, and is refused without `maximumBytes`.
    private mutating func outcome(
        into answer: inout SecretBuilder, maximumBytes: Int?, what: String = "", waitsForPerson: Bool
    ) throws(CLIError) -> Outcome {
        let deadline = waitsForPerson ? nil : MonotonicClock.nanoseconds() + Self.patienceNanoseconds
        for _ in 0..<Self.linesMaximum {
            switch try nextReply(deadline) {
            case .ok:
                isInOrder = true
                return .ok
            case .error(let code):
                isInOrder = true
                return Self.outcome(ofError: code)
            case .aside: continue
            case .data(let range):
                guard let maximumBytes else { throw fault(.garbled) }
                guard try append(range, to: &answer, maximumBytes) else {
                    throw .tooLong(what: what, maximumBytes: maximumBytes)
                }
            }
        }
        throw fault(.garbled)
    }

    private mutating func nextReply(_ deadlineNanoseconds: UInt64?) throws(CLIError) -> AssuanLine.Reply {
        while true {
            do throws(AssuanLine.Fault) {
                if let reply = try reader.nextReply() { return reply }
            } catch {
                throw fault(.garbled)
            }
            try process.read(into: &reader, deadlineNanoseconds: deadlineNanoseconds)
        }
    }

    private mutating func append(
        _ data: Range<Int>, to answer: inout SecretBuilder, _ maximumBytes: Int
    ) throws(CLIError) -> Bool {
        do throws(AssuanLine.Fault) {
            return try reader.append(data, to: &answer, countMaximum: maximumBytes)
        } catch {
            throw fault(.garbled)
        }
    }

    /// By the numbers of libgpg-error.
    private static func outcome(ofError code: UInt32) -> Outcome {
        switch code & 0xFFFF {
        // GPG_ERR_CANCELED and GPG_ERR_FULLY_CANCELED.
        case 99, 198: .cancelled
        // GPG_ERR_NOT_CONFIRMED.
        case 114: .declined
        default: .failed(code: code)
        }
    }

    private func fault(_ fault: CLIError.PinentryFault) -> CLIError { .pinentry(path: path, fault) }
}
