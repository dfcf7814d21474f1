/// Makes the master password open the vault only together with a file (docs/sync.md, "The key file").
import CofferCrypto
import CofferFormat
import CofferModel
import CofferVault

enum KeyFileSetup {
    /// Makes the file at `path` if it is not there, and a slot that needs it. Returns what opens the vault now.
    static func add(_ path: String, _ session: Session, _ credential: Credential) throws -> Credential {
        guard credential.kind == .password else {
            throw CLIError.usage(
                why: "A key file goes with the master password, and the vault was opened with the recovery key.",
                remedy: "Open it with the master password, or set one first: coffer passwd --recovery-key")
        }
        let vault = session.vault
        try OwnNames.refuse(path, besideVault: vault.path)
        try refuseSharedFolder(path, session)
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
        Output.message(
            "\(isNew ? "Made the key file \(Shown.text(path)). From" : "From") now on the master password opens the vault "
                + "only together with \(Shown.text(path)): pass --key-file, or once: coffer config set key-file"
                + " \(Shown.word(path))")
        let hasRecoveryKey = !vault.registry.live(.recovery).isEmpty
        Output.message(
            hasRecoveryKey
                ? "Keep a copy of it: if it is lost, only the recovery key opens the vault."
                : "Keep a copy of it: if it is lost, nothing opens the vault. For a recovery key: coffer kit new")
        OldKeys.say(of: vault, "password alone")
        return next
    }

    /// In the folder that carries the vault a key file protects nothing.
    private static func refuseSharedFolder(_ path: String, _ session: Session) throws {
        if let place = session.syncPlace { try refuse(path, in: place) }
    }

    static func refuse(_ path: String, in place: SyncPlace) throws {
        guard let folder = Folder.resolved(Folder.parent(of: Folder.resolved(path) ?? path)) else { return }
        guard folder != place.folder, !folder.hasPrefix(place.folder + "/") else {
            throw VaultError.refused(
                why: "a key file in the shared folder protects nothing; nothing was changed",
                remedy: "Choose a place that stays on this machine.")
        }
    }
}
