/// What every command says that replaces a key slot: it revokes nothing (docs/threat-model.md).
import CofferVault

enum OldKeys {
    /// `key` is what was replaced.
    static func say(of vault: OpenVault, _ key: String) {
        let backups = Backups(ofVault: vault.path).list().count
        let kept = backups == 1 ? ", and 1 backup beside the vault" : ", and \(backups) backups beside the vault"
        Output.message(
            "This revokes nothing: the \(key) still opens older copies of the vault\(backups == 0 ? "" : kept)"
                + " (coffer backups). If somebody else has it, change the passwords of the accounts as well.")
    }
}
