/// Makes the master password open the vault only together with a file (docs/sync.md, "The key file").
import CofferCrypto
import CofferFormat
import CofferModel
import CofferVault

enum KeyFileSetup {
    /// Makes the file at `path` if it is not there, and a slot that needs it. Returns what opens the vault now.
    static func add(_ path: String, _ session: LocalSession, _ credential: Credential) throws -> Credential {
        guard credential.kind == .password else {
            throw CLIError.usage(
                why: "A key file goes with the master password, and the vault was opened with the recovery key.",
                remedy: "Open it with the master password, or set one first: coffer passwd --recovery-key")
        }
        let vault = session.vault
        try OwnNames.refuse(path, besideVault: vault.path)
        if let place = session.syncPlace { try SharedFolder.refuse(path, "a key file", in: place) }
        guard let present = vault.registry.live(.password).first?.slot.parameters.kdf else {
            throw VaultError.notFound(what: "master password of this vault", near: [])
        }
        let isNew = (try? Folder.status(path)) == nil
        if isNew { try KeyFile.create(path: path, random: session.author.random) }
        // What opened the vault is the password itself: it need not be typed again.
        let next: Credential
        do {
            next = credential.with(keyFile: try KeyFile(path: path))
            try vault.replaceSlot(next, kdf: present, author: session.author)
        } catch {
            // One that opens nothing would pass for an old one at the next attempt.
            if isNew && !error.leavesNewState { try? Folder.remove(path) }
            throw error
        }
        let isRemembered = try remember(path)
        Output.message(
            "\(isNew ? "Made the key file \(Shown.text(path)). From" : "From") now on the master password opens the vault "
                + "only together with \(Shown.text(path))"
                + (isRemembered
                    ? ", which the setting key-file names now."
                    : ": pass --key-file, or once: coffer config set key-file \(Shown.word(path))"))
        let hasRecoveryKey = !vault.registry.live(.recovery).isEmpty
        Output.message(
            hasRecoveryKey
                ? "Keep a copy of it: if it is lost, only the recovery key opens the vault."
                : "Keep a copy of it: if it is lost, nothing opens the vault. For a recovery key: coffer kit new")
        OldKeys.say(of: vault, "password alone")
        return next
    }

    /// The key file that the settings name is the one from before: every command would take it otherwise.
    private static func remember(_ path: String) throws -> Bool {
        guard let known = (try? Settings.keyFile) ?? nil, known != Folder.resolved(path) else { return false }
        try Settings.set("key-file", path)
        return true
    }
}
