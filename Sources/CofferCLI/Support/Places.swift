/// Where the vault and this machine's files are (docs/cli.md, "Which vault").

package enum Places {
    /// `--vault`, else `$COFFER_VAULT`, else `$XDG_DATA_HOME/coffer/vault.coffer`.
    package static func vault(_ option: String?) throws(CLIError) -> String {
        if let option { return option }
        if let variable = Environment.value("COFFER_VAULT"), !variable.isEmpty { return variable }
        return try folder("XDG_DATA_HOME", "/.local/share") + "/vault.coffer"
    }

    /// What this machine remembers; nothing of it is secret.
    package static func state() throws(CLIError) -> String { try folder("XDG_STATE_HOME", "/.local/state") }

    private static func folder(_ variable: String, _ inHome: String) throws(CLIError) -> String {
        // XDG: a relative path is invalid and to be ignored.
        if let base = Environment.value(variable), base.hasPrefix("/") { return base + "/coffer" }
        guard let home = Environment.value("HOME"), home.hasPrefix("/") else {
            throw .usage(
                why: "HOME is not set, so there is no place for the vault.",
                remedy: "Set HOME, or name the vault with --vault.")
        }
        return home + inHome + "/coffer"
    }
}
