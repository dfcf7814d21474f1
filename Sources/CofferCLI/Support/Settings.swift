/// What a person has set on this machine (docs/cli.md, "config"): `$XDG_CONFIG_HOME/coffer/config`, lines of `name = value`.
import CofferVault

enum Settings {
    /// A setting: its name, what it may be, and what it is unless set.
    struct Known {
        let name: String
        let meaning: String
        let initial: String
        /// Nil takes any text without a line end.
        let allowed: [String]?
    }

    static let known = [
        Known(
            name: "sync.auto", meaning: "sync after every change where a shared folder has been named", initial: "on",
            allowed: ["on", "off"]),
        Known(
            name: "key-file", meaning: "the key file of vaults that need one and get no --key-file", initial: "",
            allowed: nil),
    ]

    static var isAutomaticSyncOn: Bool { (try? value("sync.auto")) != "off" }

    /// The path of the key file, if one is set.
    static var keyFile: String? {
        guard let path = try? value("key-file"), !path.isEmpty else { return nil }
        return path
    }

    static func value(_ name: String) throws -> String {
        guard let setting = known.first(where: { $0.name == name }) else { throw unknown(name) }
        return try all()[name] ?? setting.initial
    }

    static func set(_ name: String, _ value: String) throws {
        guard let setting = known.first(where: { $0.name == name }) else { throw unknown(name) }
        guard setting.allowed?.contains(value) ?? !value.unicodeScalars.contains(where: { $0.value < 32 }) else {
            throw CLIError.usage(
                why: "The setting \(name) does not take that.",
                remedy: "It is one of: \(setting.allowed?.joined(separator: ", ") ?? "a text on one line")")
        }
        var settings = try all()
        settings[name] = value == setting.initial ? nil : value
        let lines = settings.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)\n" }
        try PlainFile.replace(try path(), lines.joined())
    }

    /// What the file sets; names that this program does not know are kept.
    private static func all() throws -> [String: String] {
        guard let text = PlainFile.read(try path()) else { return [:] }
        var settings: [String: String] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            settings[trimmed(line[..<equals])] = trimmed(line[line.index(after: equals)...])
        }
        return settings
    }

    private static func trimmed(_ text: Substring) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }

    private static func path() throws -> String { try Places.configuration() + "/config" }

    private static func unknown(_ name: String) -> CLIError {
        .usage(why: "There is no such setting.", remedy: "There are: \(known.map(\.name).joined(separator: ", "))")
    }
}
