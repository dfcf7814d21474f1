/// Asks on the terminal itself, so that standard input and output stay free for data.
import CShims
import CofferFormat
package import CofferMemory
import Glibc

/// Questions on /dev/tty. Answers are read with read(2) into locked memory, secrets with echo off.
///
/// The terminal is as it was before after every answer, error and signal; after Ctrl-Z and `fg` the question is shown
/// again. Lines are edited by the kernel (canonical mode), which takes lines of at most 4,095 bytes.
package struct TerminalPrompt: Sendable {
    /// The longest line the kernel takes whole, without its line feed, minus one that tells a line that was cut.
    private static let lineCountMaximum = 4094

    /// How often a new secret may be typed anew.
    static let slipsMaximum = 2

    private let isForbidden: Bool
    private let path: String

    /// `noInput` is the option of that name: no question is ever asked.
    package init(noInput: Bool = false, path: String = "/dev/tty") {
        isForbidden = noInput
        self.path = path
    }

    /// Whether a question can be asked.
    package var isAvailable: Bool { (try? Session(self, .value(what: "", option: ""), isAsking: false)) != nil }

    /// Asks for a secret: nothing of it is shown.
    ///
    /// - Parameters:
    ///   - absence: What to refuse with when nobody can be asked.
    ///   - maximumBytes: The longest answer, at most 4,094; a longer one is refused, never cut.
    package func askSecret(
        prompt: String, or absence: CLIError.Question = .unlocking, what: String = "The password",
        maximumBytes: Int = 1024
    ) throws(CLIError) -> SecretBytes {
        let session = try Session(self, absence)
        return try session.ask(prompt, hidden: true, what: what, maximumBytes)
    }

    /// Asks for a secret, and hides what is typed until `use` has made use of it: whoever has noticed a slip types again at once. What
    /// was typed meanwhile is thrown away.
    package func askSecret<Result>(
        prompt: String, or absence: CLIError.Question, what: String = "The password", maximumBytes: Int = 1024,
        hidingUntil use: (borrowing SecretBytes) throws -> Result
    ) throws -> Result {
        let session = try Session(self, absence)
        return try session.ask(prompt, what: what, maximumBytes, hidingUntil: use)
    }

    /// Asks for a secret twice and requires that both are the same; a slip, an empty answer too, may be mended twice.
    package func askNewSecret(
        prompt: String, repeatPrompt: String, or absence: CLIError.Question, what: String = "The password",
        maximumBytes: Int = 1024
    ) throws(CLIError) -> SecretBytes {
        let session = try Session(self, absence)
        for _ in 0..<Self.slipsMaximum {
            let first = try session.ask(prompt, hidden: true, what: what, maximumBytes)
            guard first.count > 0 else {
                try session.show("\(what) cannot be empty. Once more.\n")
                continue
            }
            let second = try session.ask(repeatPrompt, hidden: true, what: what, maximumBytes)
            if first.isEqual(to: second) { return first }
            try session.show("That was not the same both times. Once more.\n")
        }
        let first = try session.ask(prompt, hidden: true, what: what, maximumBytes)
        // The caller says what is wrong with an empty one.
        guard first.count > 0 else { return first }
        let second = try session.ask(repeatPrompt, hidden: true, what: what, maximumBytes)
        guard first.isEqual(to: second) else { throw .answersDiffer(what: what) }
        return first
    }

    /// Asks for something that is not secret. Bytes that are not UTF-8 are refused, never repaired.
    package func askLine(
        prompt: String, or absence: CLIError.Question, what: String = "The answer", maximumBytes: Int = 4094
    ) throws(CLIError) -> String {
        let session = try Session(self, absence)
        let line = try session.ask(prompt, hidden: false, what: what, maximumBytes)
        guard isValidUTF8(line.span) else {
            throw .usage(
                why: "What was typed is not UTF-8 text; nothing was changed.", remedy: "Set the terminal to UTF-8.")
        }
        return String(decoding: line.span)
    }

    /// Asks for several lines, hidden when they are secret, until an empty line or Ctrl-D; each ends with a line feed.
    package func askLines(
        prompt: String, hidden: Bool, or absence: CLIError.Question, what: String = "The text",
        maximumBytes: Int = 65_536
    ) throws(CLIError) -> SecretBytes {
        let session = try Session(self, absence)
        return try session.askLines(prompt, hidden: hidden, what: what, maximumBytes)
    }

    /// Asks until the answer is yes or no; an empty answer is no.
    ///
    /// `consequence` is a whole sentence for the refusal when nobody can be asked.
    package func confirm(
        prompt: String, consequence: String, option: String = "--yes"
    ) throws(CLIError) -> Bool {
        while true {
            let absence = CLIError.Question.confirmation(what: consequence, option: option)
            let answer = try askLine(prompt: "\(prompt) [y/N] ", or: absence)
            switch answer.lowercased().trimmingSpaces() {
            case "y", "yes": return true
            case "", "n", "no": return false
            default: try Session(self, absence, isAsking: false).show("Please answer yes or no.\n")
            }
        }
    }

    /// Shows text on the terminal beside a question: for a new recovery key, which belongs to no pipe.
    package func show(_ text: borrowing Span<UInt8>, or absence: CLIError.Question) throws(CLIError) {
        let session = try Session(self, absence, isAsking: false)
        var safe = SecretBuilder(capacity: text.count + 64)
        Escaping.append(text, to: &safe, layout: .lines)
        try session.write(safe.span)
    }

    /// The open terminal, closed at the end of its life. As long nobody else asks on it, if `isAsking`.
    private struct Session: ~Copyable {
        private let descriptor: Int32
        private let turn: AskingTurn

        init(_ prompt: TerminalPrompt, _ absence: Question, isAsking: Bool = true) throws(CLIError) {
            guard !prompt.isForbidden, let opened = Self.open(prompt.path) else { throw .cannotAsk(absence) }
            do throws(CLIError) {
                turn = isAsking ? try AskingTurn.take(onTerminal: opened) : .none
            } catch {
                close(opened)
                throw error
            }
            descriptor = opened
        }

        private static func open(_ path: String) -> Int32? {
            // Not blocking: only ppoll waits, where no signal is missed. The string lives through the call.
            let opened = unsafe coffer_open(path, O_RDWR | O_NOCTTY | O_NONBLOCK, 0)
            guard opened >= 0 else { return nil }
            guard isatty(opened) == 1 else {
                close(opened)
                return nil
            }
            return opened
        }

        deinit { close(descriptor) }

        func ask(
            _ prompt: String, hidden: Bool, what: String, _ maximumBytes: Int
        ) throws(CLIError) -> SecretBytes {
            let maximum = min(maximumBytes, lineCountMaximum)
            try begin(prompt, hidden)
            defer { coffer_prompt_end() }
            return try answer(prompt, hidden: hidden, what: what, maximum)
        }

        func ask<Result>(
            _ prompt: String, what: String, _ maximumBytes: Int,
            hidingUntil use: (borrowing SecretBytes) throws -> Result
        ) throws -> Result {
            try begin(prompt, true)
            defer { coffer_prompt_end() }
            let line = try answer(prompt, hidden: true, what: what, min(maximumBytes, lineCountMaximum))
            coffer_prompt_answered()
            return try use(line)
        }

        /// The line that is typed at an open question.
        private func answer(
            _ prompt: String, hidden: Bool, what: String, _ maximum: Int
        ) throws(CLIError) -> SecretBytes {
            var line = SecretBuilder(capacity: lineCountMaximum + 2)
            while true {
                switch try readLine(into: &line, hidden) {
                case .again:
                    line.truncate(to: 0)
                    try show(prompt)
                case .end where line.count == 0: throw .cancelled
                case .line, .end:
                    guard line.count <= maximum else { throw .tooLong(what: what, maximumBytes: maximum) }
                    return line.finish()
                }
            }
        }

        func askLines(
            _ prompt: String, hidden: Bool, what: String, _ maximumBytes: Int
        ) throws(CLIError) -> SecretBytes {
            try begin(prompt, hidden)
            defer { coffer_prompt_end() }
            var text = SecretBuilder()
            var line = SecretBuilder(capacity: lineCountMaximum + 2)
            while true {
                let step = try readLine(into: &line, hidden)
                if step == .again {
                    line.truncate(to: 0)
                    try show(prompt)
                    continue
                }
                guard line.count <= lineCountMaximum else { throw .tooLong(what: what, maximumBytes: lineCountMaximum) }
                guard line.count < maximumBytes - text.count else {
                    throw .tooLong(what: what, maximumBytes: maximumBytes)
                }
                if line.count == 0 && text.count == 0 && step == .end { throw .cancelled }
                // An empty line ends it, unless more was pasted behind it.
                if line.count == 0, step == .end || !isMorePasted() { return text.finish() }
                text.append(line.span)
                text.append(UInt8(ascii: "\n"))
                line.truncate(to: 0)
                if step == .end { return text.finish() }
            }
        }

        private func begin(_ prompt: String, _ hidden: Bool) throws(CLIError) {
            guard coffer_prompt_begin(descriptor, hidden ? 1 : 0, turn.descriptor) == 0 else {
                throw .terminalFailed(errno: errno)
            }
            do throws(CLIError) {
                try show(prompt)
            } catch {
                coffer_prompt_end()
                throw error
            }
        }

        /// Whether more input is there already: nobody types that fast.
        private func isMorePasted() -> Bool {
            var input = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            return unsafe poll(&input, 1, Self.pasteMilliseconds) > 0
        }

        private static let pasteMilliseconds: Int32 = 50

        private enum Step { case line, end, again }

        /// Adds what comes up to a line feed, which is left out.
        private func readLine(into line: inout SecretBuilder, _ hidden: Bool) throws(CLIError) -> Step {
            var chunk = SecretBytes(zeroed: 4096)
            while true {
                var target = chunk.mutableSpan
                let count = unsafe target.withUnsafeMutableBytes {
                    // The buffer is passed with its length.
                    unsafe coffer_prompt_read($0.baseAddress, $0.count)
                }
                switch count {
                case COFFER_PROMPT_AGAIN: return .again
                case COFFER_PROMPT_INTERRUPTED:
                    try? show("\n")
                    throw .interrupted
                case ..<0: throw .terminalFailed(errno: errno)
                case 0:
                    try show("\n")
                    return .end
                default: break
                }
                // Canonical mode gives at most one line at a time.
                let endsLine = chunk.span[count - 1] == UInt8(ascii: "\n")
                line.append(chunk.span.extracting(0..<(endsLine ? count - 1 : count)))
                if endsLine {
                    // The line feed was not shown either.
                    if hidden { try show("\n") }
                    return .line
                }
                // Ctrl-D in the middle of a line only hands over what was typed; the line goes on.
                guard line.count <= lineCountMaximum else { return .line }
            }
        }

        /// Shows a question, which may hold an entry's title: a line feed stands at its end or nowhere, so that no
        /// title
        /// can pass for a question of its own.
        func show(_ text: String) throws(CLIError) {
            let endsLine = text.utf8.last == UInt8(ascii: "\n")
            var safe = PrivateBuilder(capacity: text.utf8.count)
            Escaping.append(text.utf8Span.span.extracting(droppingLast: endsLine ? 1 : 0), to: &safe)
            if endsLine { safe.append(UInt8(ascii: "\n")) }
            try write(safe.span)
        }

        func write(_ bytes: borrowing Span<UInt8>) throws(CLIError) {
            let terminal = Output(descriptor: descriptor, isTerminal: true, usesColor: false, columns: 0)
            do throws(CLIError) {
                try terminal.write(bytes)
            } catch {
                guard case .outputFailed(let reason) = error else { throw error }
                throw .terminalFailed(errno: reason)
            }
        }
    }

    private typealias Question = CLIError.Question
}

extension String {
    fileprivate func trimmingSpaces() -> String {
        String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
