/// Tests what a terminal is sent for its clipboard, and which terminals are.
import CofferCLI
import CofferMemory
import Testing

struct TerminalClipboardTests {
    private static func sequence(_ value: String, isKitty: Bool = false) -> String {
        text(TerminalClipboard.sequence(Array(value.utf8).span, isKitty: isKitty))
    }

    // RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `a value is sent as base64`(value: String, base64: String) {
        #expect(Self.sequence(value) == "\u{1B}]52;c;\(base64)\u{1B}\\")
    }

    @Test func `every byte has its place in base64`() {
        let all = (0...255).map { UInt8($0) }
        let sent = text(TerminalClipboard.sequence(all.span, isKitty: false))
        #expect(sent.hasPrefix("\u{1B}]52;c;AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBka"))
        #expect(sent.hasSuffix("8PHy8/T19vf4+fr7/P3+/w==\u{1B}\\"))
        #expect(sent.utf8.count == 7 + 344 + 2)
    }

    @Test func `kitty forgets what came before`() {
        #expect(Self.sequence("foo", isKitty: true) == "\u{1B}]52;c;!\u{1B}\\\u{1B}]52;c;Zm9v\u{1B}\\")
    }

    @Test func `the longest value fits what terminals take`() {
        let value = [UInt8](repeating: 7, count: TerminalClipboard.valueCountMaximum)
        #expect(TerminalClipboard.sequence(value.span, isKitty: false).count <= 74_994)
    }

    @Test(arguments: [
        ["TERM": "xterm-kitty"], ["TERM": "alacritty"], ["TERM": "alacritty-direct"], ["TERM": "foot"],
        ["TERM": "foot-extra"], ["TERM": "wezterm"], ["TERM": "xterm-ghostty"],
        ["TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"], ["TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"],
        ["TERM": "xterm-256color", "TERM_PROGRAM": "vscode"], ["TERM": "xterm-256color", "WT_SESSION": "1-2"],
    ])
    func `a terminal that takes OSC 52 is known`(variables: [String: String]) {
        #expect(TerminalClipboard.isKnown { variables[$0] })
    }

    @Test(arguments: [
        [:], ["TERM": ""], ["TERM": "xterm"], ["TERM": "xterm-256color"], ["TERM": "linux"], ["TERM": "dumb"],
        ["TERM": "footloose"], ["TERM": "vt100", "TERM_PROGRAM": "Apple_Terminal"],
        ["TERM": "xterm", "WT_SESSION": ""],
        // Inside another program that stands before the terminal.
        ["TERM": "xterm-kitty", "TMUX": "/tmp/tmux-0/default,1,0"],
        ["TERM": "tmux-256color", "TERM_PROGRAM": "iTerm.app"],
        ["TERM": "screen.xterm-256color", "WT_SESSION": "1"], ["TERM": "screen", "LC_TERMINAL": "iTerm2"],
        ["TERM": "foot", "STY": "1.pts"], ["TERM": "foot", "ZELLIJ": "0"],
    ])
    func `every other terminal is not`(variables: [String: String]) {
        #expect(!TerminalClipboard.isKnown { variables[$0] })
    }
}
