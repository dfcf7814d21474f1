/// Which pinentry program is asked (docs/cli.md, "Asking").
import Glibc

enum PinentryProgram {
    /// The program that the setting or the variable names, else the one in PATH; nil where there is none.
    static func path() throws -> String? {
        try named() ?? search("pinentry")
    }

    /// The program where a graphical session or GnuPG's terminal tells that somebody could see it.
    static func pathWithoutTerminal() throws -> String? {
        if let named = try named() { return named }
        let signs = ["DISPLAY", "WAYLAND_DISPLAY", "GPG_TTY"]
        guard signs.contains(where: { Environment.value($0)?.isEmpty == false }) else { return nil }
        return search("pinentry")
    }

    private static func named() throws -> String? {
        if let path = try Settings.pinentry { return path }
        guard let name = try Environment.path("PINENTRY"), !name.isEmpty else { return nil }
        if name.utf8.contains(UInt8(ascii: "/")) { return name }
        guard let found = search(name) else { throw CLIError.pinentry(path: name, .missing) }
        return found
    }

    /// Looks through PATH, but never in the folder where we happen to be.
    private static func search(_ name: String) -> String? {
        let folders = Environment.value("PATH") ?? "/usr/bin:/bin"
        return folders.split(separator: ":").lazy.filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }.first(
            where: isProgram)
    }

    private static func isProgram(_ path: String) -> Bool {
        var status = stat()
        // The string and the structure live through the calls.
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return unsafe access(path, X_OK) == 0
    }
}
