/// What a person has set on this machine (docs/cli.md, "config"): `$XDG_CONFIG_HOME/coffer/config`, lines of `name = value`.
import CofferAgent
import CofferVault

enum Settings {
    /// A setting: its name, what it may be, and what it is unless set.
    struct Known {
        let name: String
        let meaning: String
        let initial: String
        /// Nil takes any text without a line end.
        let allowed: [String]?
        /// The whole numbers that it may be, where it is one.
        var range: ClosedRange<Int>?
        /// Whether it names a file, which must be the same one from every folder.
        var isPath = false

        func takes(_ value: String) -> Bool {
            // A number is written in one way only: without sign and leading zeros.
            if let range { return Int(value).map { range.contains($0) && String($0) == value } ?? false }
            return allowed?.contains(value) ?? !value.unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
        }

        /// What it takes, in words.
        var choices: String {
            if let range { return "a whole number from \(range.lowerBound) to \(range.upperBound)" }
            return allowed.map { "one of: \($0.joined(separator: ", "))" } ?? "a text on one line"
        }
    }

    static let known = [
        Known(
            name: "sync.auto", meaning: "sync after every change where a shared folder has been named", initial: "on",
            allowed: ["on", "off"]),
        Known(
            name: "key-file", meaning: "the key file of vaults that need one and get no --key-file", initial: "",
            allowed: nil, isPath: true),
        Known(
            name: "clipboard-seconds", meaning: "how long a copied value stays in the clipboard", initial: "45",
            allowed: nil, range: 1...3600),
        Known(
            name: "unlock-seconds", meaning: "an unlocked vault is locked when nothing was asked of it for so long",
            initial: "600", allowed: nil, range: 1...HoldingTerms.secondsMaximum),
        Known(
            name: "unlock-lifetime-seconds", meaning: "an unlocked vault is locked after so long in any case",
            initial: "28800", allowed: nil, range: 1...HoldingTerms.secondsMaximum),
        Known(
            name: "ask", meaning: "where passwords are asked for first: on the terminal, or through pinentry only",
            initial: "terminal", allowed: ["terminal", "pinentry"]),
        Known(
            name: "pinentry", meaning: "the pinentry program, else $PINENTRY, else pinentry in PATH", initial: "",
            allowed: nil, isPath: true),
        Known(
            name: machine, meaning: "what this machine is called in conflicts and in sync status", initial: "",
            allowed: nil),
    ]

    /// Kept with the machine's number, not in the file (``Machine``).
    private static let machine = "machine"

    /// Throws where the settings cannot be read: nothing is published that a person may have forbidden.
    static var isAutomaticSyncOn: Bool {
        get throws { try value("sync.auto") == "on" }
    }

    /// How long a value that was copied stays in the clipboard.
    static var clipboardSeconds: Int { get throws { try seconds("clipboard-seconds") } }

    /// How long an unlocked vault is held when nothing is asked of it, and in any case.
    static var unlockSeconds: (idle: Int, lifetime: Int) {
        get throws { (try seconds("unlock-seconds"), try seconds("unlock-lifetime-seconds")) }
    }

    private static func seconds(_ name: String) throws -> Int {
        guard let seconds = Int(try value(name)) else { throw unusable(try setting(name)) }
        return seconds
    }

    /// The path of the key file, if one is set.
    static var keyFile: String? {
        get throws {
            let path = try value("key-file")
            return path.isEmpty ? nil : path
        }
    }

    /// Whether passwords are never asked for on the terminal itself.
    static var asksByPinentry: Bool {
        get throws { try hasPlace && value("ask") == "pinentry" }
    }

    /// The path of the pinentry program, if one is set.
    static var pinentry: String? {
        get throws {
            let path = try hasPlace ? value("pinentry") : ""
            return path.isEmpty ? nil : path
        }
    }

    /// A question needs no home.
    private static var hasPlace: Bool { (try? path()) != nil }

    static func value(_ name: String) throws -> String {
        let setting = try setting(name)
        guard name != machine else { return try VaultOptions.machine(isKept: false).label }
        let value = try lines().compactMap { Line($0) }.last { $0.name == name }?.value ?? setting.initial
        guard setting.takes(value) else { throw unusable(setting) }
        return value
    }

    private static func unusable(_ setting: Known) -> CLIError {
        .usage(
            why: "The settings file gives \(setting.name) a value that it does not take.",
            remedy:
                "Set it anew: coffer config set \(setting.name) \(setting.allowed?.joined(separator: "|") ?? "VALUE")")
    }

    /// Changes one line, or adds it; everything else in the file stays as it is. An empty value takes the setting back.
    static func set(_ name: String, _ value: String) throws {
        let setting = try setting(name)
        guard value.isEmpty || setting.takes(value) else {
            throw CLIError.usage(
                why: "The setting \(name) does not take that.",
                remedy: "It is \(setting.choices).")
        }
        guard name != machine else {
            _ = try VaultOptions.machine(named: value)
            return
        }
        let value = setting.isPath && !value.isEmpty ? try absolute(value) : value
        try PlainFile.change(try path()) { text in
            var lines = lines(of: text).filter { Line($0)?.name != name }
            if !value.isEmpty && value != setting.initial { lines.append("\(name) = \(value)") }
            return lines.map { $0 + "\n" }.joined()
        }
    }

    private static func absolute(_ path: String) throws -> String {
        guard let real = Folder.resolved(path) else {
            throw CLIError.usage(why: "There is no file \(path).", remedy: "Name one that is there.")
        }
        return path.hasPrefix("/") ? path : real
    }

    // MARK: The file

    private struct Line {
        let name: String
        let value: String

        /// Nil for comments and what is no setting.
        init?(_ line: String) {
            guard !line.hasPrefix("#"), let equals = line.firstIndex(of: "=") else { return nil }
            name = Line.trimmed(line[..<equals])
            value = Line.trimmed(line[line.index(after: equals)...])
        }

        private static func trimmed(_ text: Substring) -> String {
            let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
            return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
        }
    }

    private static func lines() throws -> [String] { lines(of: try PlainFile.read(try path())) }

    private static func lines(of text: String) -> [String] {
        // A carriage return and a line feed are one character to Swift.
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map { String($0) }
        return lines.last == "" ? lines.dropLast() : lines
    }

    private static func path() throws -> String { try Places.configuration() + "/config" }

    private static func setting(_ name: String) throws -> Known {
        guard let setting = known.first(where: { $0.name == name }) else {
            throw CLIError.usage(
                why: "There is no such setting.", remedy: "There are: \(known.map(\.name).joined(separator: ", "))")
        }
        return setting
    }
}
