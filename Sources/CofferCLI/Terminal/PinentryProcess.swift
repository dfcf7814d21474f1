/// A running pinentry program: it is waited for without missing a signal, and it is gone when this is.
import CShims
import CofferCrypto
import Glibc

/// While it lives no other coffer asks, neither through pinentry nor on the terminal that the program was given.
final class PinentryProcess {
    /// How long a program that has been told to end may take, and how long one that was asked to die.
    private static let farewellMilliseconds = 2_000
    private static let deathMilliseconds = 1_000

    /// The path of the terminal that the program may use.
    let terminalPath: String?

    private let path: String
    private let turn: AskingTurn
    private let terminalTurn: AskingTurn
    private let terminal: Int32
    private var settings = termios()
    private var hasSettings = false
    private var number: pid_t = -1
    private var talk: Int32 = -1
    private var listen: Int32 = -1
    /// Whether the program has been told to end.
    private var isToldToEnd = false

    init(_ path: String, turnFolder: String?) throws(CLIError) {
        self.path = path
        turn = try AskingTurn.takeForPinentry(in: turnFolder)
        let (terminal, name) = Self.callersTerminal()
        (self.terminal, terminalPath) = (terminal, name)
        do throws(CLIError) {
            terminalTurn = terminal >= 0 ? try AskingTurn.take(onTerminal: terminal) : .none
        } catch {
            if terminal >= 0 { close(terminal) }
            throw error
        }
        if terminal >= 0 { unsafe hasSettings = tcgetattr(terminal, &settings) == 0 }
        coffer_signals_begin()
        // The string and both places live through the call.
        number = unsafe coffer_start_program(path, &talk, &listen)
        guard number >= 0 else {
            let reason = errno
            coffer_signals_end()
            throw .pinentry(path: path, reason == ENOENT ? .missing : .notStarted(errno: reason))
        }
    }

    deinit {
        end()
        if terminal >= 0 { close(terminal) }
    }

    /// The controlling terminal, else that of a standard descriptor, else the one that GnuPG is told of; opened.
    private static func callersTerminal() -> (descriptor: Int32, path: String?) {
        var path: String?
        // The strings live through the calls.
        let own = unsafe coffer_open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK, 0)
        if own >= 0 {
            path = AskingTurn.terminalPath(own)
            close(own)
        }
        for standard in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where path == nil {
            if isatty(standard) == 1 { path = AskingTurn.terminalPath(standard) }
        }
        guard let path = path ?? Environment.value("GPG_TTY"), path.hasPrefix("/") else { return (-1, nil) }
        let opened = unsafe coffer_open(path, O_RDWR | O_NOCTTY | O_NONBLOCK, 0)
        guard opened >= 0 else { return (-1, nil) }
        guard isatty(opened) == 1 else {
            close(opened)
            return (-1, nil)
        }
        return (opened, path)
    }

    // MARK: Talking

    /// Sends a whole line.
    func send(_ line: borrowing Span<UInt8>) throws(CLIError) {
        let talk = talk
        let count = unsafe line.withUnsafeBytes {
            // The buffer is passed with its length.
            unsafe write(talk, $0.baseAddress, $0.count)
        }
        guard count != line.count else { return }
        // A pipe takes a line of this length whole, or there is no room because nobody reads.
        throw .pinentry(path: path, count < 0 && errno == EPIPE ? .ended : .garbled)
    }

    /// Says that nothing more comes.
    func sayFarewell(_ line: borrowing Span<UInt8>) {
        try? send(line)
        isToldToEnd = true
    }

    /// Waits until `reader` has more; without `deadlineNanoseconds` as long as a person takes.
    func read(into reader: inout AssuanReader, deadlineNanoseconds: UInt64?) throws(CLIError) {
        while true {
            try wait(until: deadlineNanoseconds)
            let count = reader.read(from: listen)
            if count > 0 { return }
            if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            throw .pinentry(path: path, .ended)
        }
    }

    private func wait(until deadlineNanoseconds: UInt64?) throws(CLIError) {
        while true {
            let now = MonotonicClock.nanoseconds()
            let limit = deadlineNanoseconds.map { $0 > now ? Int64($0 - now) : 0 } ?? -1
            switch Int(coffer_signals_wait(listen, limit)) {
            case COFFER_SIGNALS_READY: return
            case COFFER_SIGNALS_TIME: throw .pinentry(path: path, .silent)
            case Int(SIGINT): throw .interrupted
            case Int(SIGTSTP): try standStill()
            case Int(SIGCONT), Int(SIGWINCH): continue
            case -1: throw .pinentry(path: path, .ended)
            case let signal:
                end()
                coffer_signals_pass_on(Int32(signal))
                coffer_signals_end()
                throw .interrupted
            }
        }
    }

    /// Ctrl-Z: the program stands still as well, and others may ask on the terminal meanwhile.
    private func standStill() throws(CLIError) {
        terminalTurn.leave()
        coffer_signals_pass_on(SIGTSTP)
        coffer_signals_end()
        defer { coffer_signals_begin() }
        try terminalTurn.retake(onTerminal: terminal)
    }

    // MARK: The end

    private func end() {
        guard number >= 0 else { return }
        close(talk)
        close(listen)
        if !isToldToEnd || !isGone(withinMilliseconds: Self.farewellMilliseconds) {
            kill(number, SIGTERM)
            // One that is stopped dies when it goes on.
            kill(number, SIGCONT)
            if !isGone(withinMilliseconds: Self.deathMilliseconds) {
                kill(number, SIGKILL)
                while waitpid(number, nil, 0) < 0 && errno == EINTR { continue }
            }
        }
        number = -1
        restoreTerminal()
        coffer_signals_end()
    }

    /// Waits for the program's end, so that no zombie stays.
    private func isGone(withinMilliseconds milliseconds: Int) -> Bool {
        let deadline = MonotonicClock.nanoseconds() + UInt64(milliseconds) * 1_000_000
        while true {
            // Only the number is wanted. A caller that ignores SIGCHLD leaves nothing to wait for.
            let result = waitpid(number, nil, WNOHANG)
            if result == number || (result < 0 && errno == ECHILD) { return true }
            guard MonotonicClock.nanoseconds() < deadline else { return false }
            usleep(1_000)
        }
    }

    /// The terminal as it was, whatever the program left behind.
    private func restoreTerminal() {
        guard hasSettings, tcgetpgrp(terminal) == getpgrp() else { return }
        var now = termios()
        // The structures live through the calls.
        guard unsafe tcgetattr(terminal, &now) == 0 else { return }
        guard now.c_lflag != settings.c_lflag || now.c_iflag != settings.c_iflag || now.c_oflag != settings.c_oflag
        else { return }
        unsafe _ = tcsetattr(terminal, TCSAFLUSH, &settings)
        // Its own screen and colours too.
        guard Environment.value("TERM") != "dumb" else { return }
        let screen = Output(descriptor: terminal, isTerminal: true, usesColor: false, columns: 0)
        try? screen.write("\u{1B}[?1049l\u{1B}[0m\u{1B}[?25h\n".utf8Span.span)
    }
}
