/// A screen of its own on the terminal, for what is drawn again and again: the shell's screen comes back afterwards.
import CShims
import Glibc

/// While it is open the cursor is hidden and single keys are read. What was shown does not stay behind, nor in the
/// terminal's memory of lines.
final class LiveScreen {
    enum Event: Equatable {
        case time, redraw, quit
        /// A key that the caller asked for; a small letter.
        case key(UInt8)
    }

    /// Keys that mean something beside q.
    private let wanted: [UInt8]

    /// Where keys are read; -1 without a terminal of our own.
    private let keys: Int32
    private var settings = termios()
    private var hasSettings = false
    private var isOpen = false

    init(keys wanted: [UInt8] = []) {
        self.wanted = wanted
        // The string lives through the call.
        keys = unsafe coffer_open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK, 0)
    }

    deinit {
        end()
        coffer_signals_end()
        if keys >= 0 { close(keys) }
    }

    /// Whether standard output is a terminal that can draw in place.
    static var isThere: Bool { Output.standard.isTerminal && Environment.value("TERM") != "dumb" }

    /// What the Enter key gives.
    static let enter: [UInt8] = [UInt8(ascii: "\r"), UInt8(ascii: "\n")]

    /// The height of the terminal; 0 means 24.
    static var lines: Int {
        let lines = Int(coffer_terminal_lines(STDOUT_FILENO))
        return lines > 0 ? lines : 24
    }

    func begin() throws(CLIError) {
        coffer_signals_begin()
        try open()
    }

    /// Throws away what was typed before the first picture stood there: nobody has answered what they have not seen.
    func forgetKeys() { if keys >= 0 { tcflush(keys, TCIFLUSH) } }

    /// Waits for a key or a signal, at most so long.
    func wait(nanoseconds: Int64) throws(CLIError) -> Event {
        switch Int(coffer_signals_wait(keys, nanoseconds)) {
        case COFFER_SIGNALS_TIME: return .time
        case COFFER_SIGNALS_READY: return try readKeys()
        case Int(SIGINT):
            end()
            throw .interrupted
        case Int(SIGWINCH): return .redraw
        case -1: throw .terminalFailed(errno: errno)
        case Int(SIGCONT):
            // Stopped by SIGSTOP and continued: the shell may have changed everything.
            try open()
            return .redraw
        case let signal:
            end()
            coffer_signals_pass_on(Int32(signal))
            try open()
            return .redraw
        }
    }

    private func readKeys() throws(CLIError) -> Event {
        var pressed = InlineArray<64, UInt8>(repeating: 0)
        var span = pressed.mutableSpan
        // The buffer is passed with its length.
        let count = unsafe span.withUnsafeMutableBytes { unsafe read(keys, $0.baseAddress, $0.count) }
        if count < 0 && (errno == EINTR || errno == EAGAIN) { return .redraw }
        // The terminal is gone.
        guard count > 0 else { throw .terminalFailed(errno: count < 0 ? errno : EIO) }
        for position in 0..<count {
            // The bit that tells small letters from capitals is set in both.
            let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(pressed[position])
            let key = isCapital ? pressed[position] | 0x20 : pressed[position]
            if wanted.contains(key) { return .key(key) }
            if key == UInt8(ascii: "q") { return .quit }
        }
        return .redraw
    }

    /// Gives the shell's screen back until ``begin()`` is called again.
    func leave() { end() }

    private func open() throws(CLIError) {
        if keys >= 0, !isOpen { unsafe hasSettings = tcgetattr(keys, &settings) == 0 }
        if hasSettings {
            var single = settings
            single.c_lflag &= ~tcflag_t(ICANON | ECHO)
            single.c_lflag |= tcflag_t(ISIG)
            // The structure lives through the call.
            unsafe _ = tcsetattr(keys, TCSANOW, &single)
        }
        isOpen = true
        try Output.standard.write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[H\u{1B}[2J".utf8Span.span)
    }

    private func end() {
        guard isOpen else { return }
        isOpen = false
        // Wiped as well: not every terminal has two screens.
        try? Output.standard.write("\u{1B}[0m\u{1B}[H\u{1B}[2J\u{1B}[?25h\u{1B}[?1049l".utf8Span.span)
        guard hasSettings else { return }
        // Keys that were pressed for us are not for the shell. The structure lives through the call.
        unsafe _ = tcsetattr(keys, TCSAFLUSH, &settings)
    }
}
