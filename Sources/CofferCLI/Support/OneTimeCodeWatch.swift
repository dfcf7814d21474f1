/// Shows the codes live until a person has seen enough (`coffer otp --watch`).
import CShims
import CofferMemory
import Glibc

/// Draws the list anew every second. The terminal is as it was before after every end, and while the program is stopped.
struct OneTimeCodeWatch {
    let source: OneTimeCodeSource
    /// The time since 1970.
    let clock: () -> (seconds: Int64, nanoseconds: Int64)

    /// Refuses an output where nothing can be drawn in place.
    static func requireScreen() throws(CLIError) {
        guard Output.standard.isTerminal else {
            throw .usage(
                why: "The option --watch draws on a terminal, and standard output is none.",
                remedy: "Print the codes once: coffer otp. For a script: coffer otp --json")
        }
        guard Environment.value("TERM") != "dumb" else {
            throw .usage(
                why: "The option --watch draws in place, which this terminal cannot (TERM is dumb).",
                remedy: "Print the codes once: coffer otp")
        }
    }

    /// The clock that codes go by.
    static func systemClock() -> (seconds: Int64, nanoseconds: Int64) {
        var now = timespec()
        // The structure lives through the call.
        unsafe _ = clock_gettime(CLOCK_REALTIME, &now)
        return (Int64(now.tv_sec), Int64(now.tv_nsec))
    }

    /// Ends when q is pressed; Ctrl-C throws `interrupted`.
    func run() throws {
        guard try !source.rows(atSeconds: clock().seconds).isEmpty else {
            return Output.message(OneTimeCodeSource.emptyText)
        }
        let screen = LiveScreen()
        try screen.begin()
        _ = try keyPressed(on: screen)
    }

    /// Draws on `screen`, which has begun, until one of its keys is pressed: that one, or nil for q. `help` says what keys do.
    func keyPressed(on screen: LiveScreen, help: String = OneTimeCodeFrame.usualKeys) throws -> UInt8? {
        var isFirst = true
        while true {
            let now = clock()
            let output = Output(descriptor: STDOUT_FILENO)
            let frame = OneTimeCodeFrame(
                source: source, atSeconds: now.seconds, output: output, lines: LiveScreen.lines, keys: help)
            let picture = try frame.rendered()
            if isFirst { screen.forgetKeys() }
            isFirst = false
            try output.write(picture.span)
            switch try screen.wait(nanoseconds: nanosecondsLeft(of: now.seconds)) {
            case .time, .redraw: continue
            case .key(let key): return key
            case .quit: return nil
            }
        }
    }

    /// Until the next second begins, not for a second: the picture must not lag behind the codes.
    private func nanosecondsLeft(of seconds: Int64) -> Int64 {
        let now = clock()
        // A clock that was set meanwhile makes nobody wait for longer.
        guard now.seconds == seconds else { return 0 }
        return 1_000_000_000 - now.nanoseconds
    }
}
