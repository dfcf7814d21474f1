/// The clipboard of the terminal program, reached by an escape sequence (OSC 52): over ssh, or without a desktop.
import CShims
package import CofferMemory
import Glibc

package enum TerminalClipboard {
    /// The longest value in bytes: some terminals take sequences of 74,994 characters and no longer.
    package static let valueCountMaximum = 56_000

    /// Terminals that take OSC 52 unless they are told not to, by the beginning of TERM.
    private static let terms = [
        "xterm-kitty", "alacritty", "foot", "wezterm", "xterm-ghostty", "ghostty", "contour", "rio",
    ]

    /// The same, by TERM_PROGRAM: those that call themselves xterm.
    private static let programs: Set<String> = ["iTerm.app", "WezTerm", "ghostty", "vscode", "rio"]

    /// Whether the terminal that the environment describes is known to take OSC 52.
    ///
    /// Inside tmux and screen nothing is known: they drop the sequence, or take it and keep the value among their own
    /// buffers, where nothing clears it.
    package static func isKnown(_ variable: (String) -> String?) -> Bool {
        guard !isInMultiplexer(variable) else { return false }
        let term = variable("TERM") ?? ""
        return terms.contains { term == $0 || term.hasPrefix($0 + "-") }
            || programs.contains(variable("TERM_PROGRAM") ?? "")
            || variable("LC_TERMINAL") == "iTerm2" || !(variable("WT_SESSION") ?? "").isEmpty
    }

    package static func isInMultiplexer(_ variable: (String) -> String?) -> Bool {
        let term = variable("TERM") ?? ""
        return ["TMUX", "STY", "ZELLIJ"].contains { !(variable($0) ?? "").isEmpty }
            || ["tmux", "screen"].contains { term == $0 || term.hasPrefix($0 + "-") || term.hasPrefix($0 + ".") }
    }

    /// The sequence that makes `value` the clipboard's content: ESC ] 52 ; c ; base64 ESC \.
    ///
    /// Older versions of kitty add to what came before, unless something that is not base64 comes first: `isKitty`.
    package static func sequence(_ value: borrowing Span<UInt8>, isKitty: Bool) -> SecretBytes {
        var text = SecretBuilder(capacity: value.count / 3 * 4 + 64)
        if isKitty { text.append(fixed: "\u{1B}]52;c;!\u{1B}\\") }
        text.append(fixed: "\u{1B}]52;c;")
        Base64.append(value, to: &text)
        text.append(fixed: "\u{1B}\\")
        return text.finish()
    }

    /// Whether there is a terminal to write to.
    static var isThere: Bool {
        guard let terminal = open() else { return false }
        close(terminal)
        return true
    }

    static func copy(_ value: borrowing Span<UInt8>) throws(CLIError) {
        guard value.count <= valueCountMaximum else {
            throw .tooLong(what: "The value for the terminal's clipboard", maximumBytes: valueCountMaximum)
        }
        guard let descriptor = open() else { throw .terminalFailed(errno: errno) }
        defer { close(descriptor) }
        let text = sequence(value, isKitty: Environment.value("TERM")?.hasPrefix("xterm-kitty") == true)
        let terminal = Output(descriptor: descriptor, isTerminal: true, usesColor: false, columns: 0)
        do throws(CLIError) {
            try terminal.write(text.span)
        } catch {
            guard case .outputFailed(let reason) = error else { throw error }
            throw .terminalFailed(errno: reason)
        }
    }

    private static func open() -> Int32? {
        // The string lives through the call.
        let descriptor = unsafe coffer_open("/dev/tty", O_WRONLY | O_NOCTTY, 0)
        return descriptor < 0 ? nil : descriptor
    }
}
