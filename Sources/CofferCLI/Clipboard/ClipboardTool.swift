/// The programs that reach the clipboard of a desktop: wl-copy, xclip, xsel (docs/cli.md, "The clipboard").
import CofferCrypto
import CofferMemory
import Glibc

/// One of them, as it was found in PATH. Values go to it through a pipe, never as an argument.
struct ClipboardTool {
    enum Kind { case wlClipboard, xclip, xsel }

    let kind: Kind
    private let copying: String
    private let pasting: String

    /// The one that fits the desktop, which the environment tells; nil when there is no desktop, or no program for it.
    static func find() -> ClipboardTool? {
        if isSet("WAYLAND_DISPLAY"), let copying = ProgramSearch.path(of: "wl-copy"),
            let pasting = ProgramSearch.path(of: "wl-paste")
        {
            return ClipboardTool(kind: .wlClipboard, copying: copying, pasting: pasting)
        }
        guard isSet("DISPLAY") else { return nil }
        if let path = ProgramSearch.path(of: "xclip") {
            return ClipboardTool(kind: .xclip, copying: path, pasting: path)
        }
        if let path = ProgramSearch.path(of: "xsel") { return ClipboardTool(kind: .xsel, copying: path, pasting: path) }
        return nil
    }

    static func isSet(_ variable: String) -> Bool { !(Environment.value(variable) ?? "").isEmpty }

    /// What messages call it.
    var name: String {
        switch kind {
        case .wlClipboard: "wl-copy"
        case .xclip: "xclip"
        case .xsel: "xsel"
        }
    }

    /// The display whose clipboard it is.
    var display: String { Environment.value(kind == .wlClipboard ? "WAYLAND_DISPLAY" : "DISPLAY") ?? "" }

    func copy(_ value: borrowing Span<UInt8>) throws(CLIError) {
        let arguments =
            switch kind {
            // With a type it need not guess one, for which it would show the value to xdg-mime.
            case .wlClipboard: ["--type", "text/plain"] + (hidesFromHistories ? ["--sensitive"] : [])
            case .xclip: ["-selection", "clipboard", "-in"]
            case .xsel: ["--clipboard", "--input"] + Self.noLog
            }
        try run(arguments, giving: value)
        do {
            try waitUntilHeld(value)
        } catch {
            if case .clipboardUnsure = error {
                // It took the value and shows nothing: nobody would clear it later.
                try? run(clearing, giving: Span())
            }
            throw error
        }
    }

    func clear() throws(CLIError) {
        try run(clearing, giving: Span())
        try waitUntilHeld(Span())
    }

    private var clearing: [String] {
        switch kind {
        case .wlClipboard: ["--clear"]
        // It has no option for that: an empty text takes the place.
        case .xclip: ["-selection", "clipboard", "-in"]
        case .xsel: ["--clipboard", "--clear"] + Self.noLog
        }
    }

    /// xclip and xsel end before the process that they leave behind has taken the clipboard: what follows would find what
    /// was there before.
    private func waitUntilHeld(_ value: borrowing Span<UInt8>) throws(CLIError) {
        guard kind != .wlClipboard, kind != .xsel || value.count < Self.xselPiecesMinimum else { return }
        let start = MonotonicClock.nanoseconds()
        var seen: Bool?
        while MonotonicClock.nanoseconds() - start < Self.looksNanoseconds {
            seen = holds(value)
            if seen == true { return }
            usleep(Self.pauseMicroseconds)
        }
        throw seen == nil ? .clipboardUnsure(program: name) : .clipboardFailed(program: name)
    }

    /// From so many bytes on xsel hands over in pieces, and now and then ends after the first time: that one is the person's.
    private static let xselPiecesMinimum = 4_000
    /// How long, and after what pauses, the clipboard is looked at; a look has its own limit (``ChildProgram``).
    private static let looksNanoseconds: UInt64 = 3_000_000_000
    private static let pauseMicroseconds: UInt32 = 10_000

    /// Nil where it cannot be looked at.
    private func holds(_ value: borrowing Span<UInt8>) -> Bool? {
        var held = SecretBuilder(capacity: value.count + 1)
        let count = value.count
        do throws(ChildProgram.Failure) {
            // One byte too many tells as much as all that are.
            try read { held.append($0.extracting(first: min($0.count, count + 1 - held.count))) }
        } catch {
            return nil
        }
        return constantTimeEqual(held.span, value)
    }

    /// Hands over what is in the clipboard now, in pieces. Throws when nothing is.
    func read(_ take: (borrowing Span<UInt8>) -> Void) throws(ChildProgram.Failure) {
        let arguments =
            switch kind {
            case .wlClipboard: ["--no-newline"]
            case .xclip: ["-selection", "clipboard", "-out"]
            case .xsel: ["--clipboard", "--output"] + Self.noLog
            }
        try ChildProgram(path: pasting, arguments: arguments).run(reading: take)
    }

    /// Lends a descriptor that gives the picture in the clipboard as PNG; nothing comes where there is none.
    func readingPicture<Result>(_ use: (_ descriptor: Int32) throws -> Result) throws -> Result {
        let arguments: [String]
        switch kind {
        case .wlClipboard: arguments = ["--type", "image/png"]
        case .xclip: arguments = ["-selection", "clipboard", "-target", "image/png", "-out"]
        case .xsel: throw CLIError.clipboardWithoutPictures
        }
        let child: ChildProgram.Running
        do throws(ChildProgram.Failure) {
            child = try ChildProgram(path: pasting, arguments: arguments).start(withPipeTo: .output)
        } catch {
            throw CLIError.clipboardFailed(program: name)
        }
        defer {
            close(child.pipe)
            // What it did not find, whoever read from it has said.
            try? child.waitForEnd()
        }
        return try use(child.pipe)
    }

    /// Else xsel leaves a file in the home folder.
    private static let noLog = ["--logfile", "/dev/null"]

    private func run(_ arguments: [String], giving input: borrowing Span<UInt8>) throws(CLIError) {
        if kind == .wlClipboard { Self.keepFilesInMemory() }
        do throws(ChildProgram.Failure) {
            try ChildProgram(path: copying, arguments: arguments).run(giving: input)
        } catch {
            switch error {
            case .timedOut: throw .clipboardTimedOut(program: name)
            case .failed, .notStarted: throw .clipboardFailed(program: name)
            }
        }
    }

    /// wl-copy keeps what it offers in a file, from version 2.3 on in $TMPDIR: the run-time folder is in memory, and the
    /// user's own.
    private static func keepFilesInMemory() {
        guard let folder = Environment.value("XDG_RUNTIME_DIR"), folder.hasPrefix("/") else { return }
        // Nothing of ours reads the variable, and no other thread the environment.
        unsafe setenv("TMPDIR", folder, 1)
    }

    /// Whether wl-copy can mark a value as a password, which histories of the clipboard leave out: from version 2.3 on.
    private var hidesFromHistories: Bool {
        var help = PrivateBuilder()
        try? ChildProgram(path: copying, arguments: ["--help"]).run { help.append($0) }
        return help.text().contains("--sensitive")
    }
}
