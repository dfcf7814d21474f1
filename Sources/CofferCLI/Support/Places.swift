/// Where the vault and this machine's files are (docs/cli.md, "Which vault").
import CofferVault

package enum Places {
    /// `--vault`, else `$COFFER_VAULT`, else `$XDG_DATA_HOME/coffer/vault.coffer`.
    package static func vault(_ option: String?) throws(CLIError) -> String {
        if let option {
            guard !option.isEmpty else {
                throw .usage(why: "The option --vault is empty; nothing was changed.", remedy: "Name the vault's file.")
            }
            return option
        }
        if let variable = try Environment.path("COFFER_VAULT"), !variable.isEmpty { return variable }
        return try folder("XDG_DATA_HOME", "/.local/share") + "/vault.coffer"
    }

    /// What this machine remembers; nothing of it is secret. Nil where there is no home to keep it in.
    package static func state() throws(CLIError) -> String? {
        let home = try Environment.path("HOME")
        let state = try Environment.path("XDG_STATE_HOME")
        guard [home, state].contains(where: { $0?.hasPrefix("/") == true }) else { return nil }
        return try folder("XDG_STATE_HOME", "/.local/state")
    }

    /// Where settings are.
    package static func configuration() throws(CLIError) -> String { try folder("XDG_CONFIG_HOME", "/.config") }

    /// `path` for another process, which may have another working folder.
    static func absolute(_ path: String) -> String {
        if let real = Folder.resolved(path) { return real }
        guard !path.hasPrefix("/"), let here = Folder.resolved(".") else { return path }
        return here + "/" + path
    }

    private static func folder(_ variable: String, _ inHome: String) throws(CLIError) -> String {
        // XDG: a relative path is invalid and to be ignored.
        if let base = try Environment.path(variable), base.hasPrefix("/") { return base + "/coffer" }
        guard let home = try Environment.path("HOME"), home.hasPrefix("/") else {
            throw .usage(
                why: "HOME is not set, so there is no place for the vault.",
                remedy: "Set HOME, or name the vault with --vault.")
        }
        return home + inHome + "/coffer"
    }
}
