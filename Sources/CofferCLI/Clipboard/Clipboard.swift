/// Puts one value where a person can paste it, and has it cleared after a while (docs/cli.md, "The clipboard").
import CofferMemory

struct Clipboard {
    private enum Way {
        case tool(ClipboardTool)
        case terminal
    }

    private let way: Way
    /// How long the value may stay.
    private let seconds: Int

    /// The clipboard of the desktop, else that of the terminal. Commands look for it before they ask or draw anything.
    init() throws {
        seconds = try Settings.clipboardSeconds
        if let tool = ClipboardTool.find() {
            way = .tool(tool)
        } else if TerminalClipboard.isKnown(Environment.value), TerminalClipboard.isThere {
            way = .terminal
        } else {
            throw CLIError.clipboardMissing(Self.absence)
        }
    }

    static var absence: CLIError.ClipboardAbsence {
        if ClipboardTool.isSet("WAYLAND_DISPLAY") { return .wayland }
        if ClipboardTool.isSet("DISPLAY") { return .x11 }
        return TerminalClipboard.isInMultiplexer(Environment.value) ? .multiplexer : .desktop
    }

    /// Copies `value` without the line feeds at its end, and says so. `what` names it, "the password", and `detail` may
    /// say more.
    func copy(_ value: SecretSlice, _ what: String, of title: String, detail: String = "") throws {
        let name = "\(what) of \(Shown.text(title))\(detail)"
        let text = Self.withoutLineEnds(value)
        switch way {
        case .tool(let tool):
            let watch = try ClipboardGuard.start(text.span, by: tool, seconds: seconds)
            try tool.copy(text.span)
            try watch.begin()
            Output.message("Copied \(name) to the clipboard; it will be cleared in \(seconds) s.")
        case .terminal:
            try TerminalClipboard.copy(text.span)
            Output.message(
                "Sent \(name) to the terminal for its clipboard, which Coffer cannot read: it will not be cleared.")
        }
    }

    /// Copies a time-based code; `isCurrent` if its time is running.
    func copy(_ code: OneTimeCode, of title: String, isCurrent: Bool) throws {
        let detail = isCurrent ? " (valid for \(code.remainingSeconds) s)" : ""
        try copy(code.code, "the code", of: title, detail: detail)
    }

    /// Copies a counter-based code, which has been drawn: there is no way back for it.
    func copy(drawnCode code: SecretSlice, of title: String) throws {
        do {
            try copy(code, "the code", of: title)
        } catch {
            Output.message("coffer: the code was drawn and will not come again, but could not be copied.")
            throw error
        }
    }

    /// A line feed at the end would send off the form that the value is pasted into.
    private static func withoutLineEnds(_ value: SecretSlice) -> SecretSlice {
        var count = value.count
        while count > 0, [UInt8(ascii: "\n"), UInt8(ascii: "\r")].contains(value.span[count - 1]) { count -= 1 }
        return value.extracting(0..<count)
    }

    /// What a message calls a field.
    static func name(of field: String) -> String {
        switch field {
        case "password", "notes", "title", "id", "template", "tag": "the \(field)"
        case "username": "the user name"
        case "url": "the URL"
        case "otp": "the code"
        case "otp-secret": "the key of the one-time password"
        case "otp-uri": "the link of the one-time password"
        default: "the field \(Shown.text(field))"
        }
    }
}
