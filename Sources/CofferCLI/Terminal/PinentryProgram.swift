/// Which pinentry program is asked (docs/cli.md, "Asking").
enum PinentryProgram {
    /// The program that the setting or the variable names, else the one in PATH; nil where there is none.
    static func path() throws -> String? {
        try named() ?? ProgramSearch.path(of: "pinentry")
    }

    /// The program where a graphical session or GnuPG's terminal tells that somebody could see it.
    static func pathWithoutTerminal() throws -> String? {
        if let named = try named() { return named }
        let signs = ["DISPLAY", "WAYLAND_DISPLAY", "GPG_TTY"]
        guard signs.contains(where: { Environment.value($0)?.isEmpty == false }) else { return nil }
        return ProgramSearch.path(of: "pinentry")
    }

    private static func named() throws -> String? {
        if let path = try Settings.pinentry { return path }
        guard let name = try Environment.path("PINENTRY"), !name.isEmpty else { return nil }
        if name.utf8.contains(UInt8(ascii: "/")) { return name }
        guard let found = ProgramSearch.path(of: name) else { throw CLIError.pinentry(path: name, .missing) }
        return found
    }
}
