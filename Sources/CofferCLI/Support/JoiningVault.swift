/// Makes a new machine's vault from the one in a shared folder (docs/sync.md, "A new machine").
import CofferFormat
import CofferVault

struct JoiningVault {
    let vaultOptions: VaultOptions
    let vaultID: String?
    let firstSync: FirstSync

    func run(_ place: SyncPlace?) throws {
        guard let place else {
            throw CLIError.usage(
                why: "The option --join needs the folder.", remedy: "Name it: coffer sync FOLDER --join")
        }
        let path = try Places.vault(vaultOptions.vault)
        let folder = try JoinableFolder.read(place, vaultID: vaultID)
        guard (try? Folder.status(path)) == nil else { return try syncExisting(path, folder, place) }
        let (opened, _) = try vaultOptions.openFirst(folder.paths)
        let vault = try folder.makeVault(at: path, from: opened)
        let session = try vaultOptions.session(of: vault)
        let report = try session.performSync(place)
        let count = try session.vault.shownPositions().count
        Output.message("Joined: \(Shown.text(vault.path)) holds \(count == 1 ? "1 entry" : "\(count) entries") now.")
        if session.hasNamesake {
            Output.message(
                "coffer: warning: another machine is called \(Shown.text(session.machine.label)) too, and conflicts cannot tell"
                    + " them apart. Another name for this one: coffer config set machine NAME")
        }
        try Output.standard.print("Fingerprint: \(FingerprintText.words(session.vault.fingerprint))")
        Output.message("Compare it with what coffer sync status shows on another machine that is in step.")
        SyncText(report: report, isDryRun: false).say(session)
    }

    /// The vault is there already: of this id it only syncs, another one is in the way.
    private func syncExisting(_ path: String, _ folder: JoinableFolder, _ place: SyncPlace) throws {
        let container = try Container.open(Folder.resolved(path) ?? path)
        guard container.header.context.vaultID == folder.vaultID else {
            throw VaultError.refused(
                why: "\(path) is a different vault than the one in the folder; nothing was changed",
                remedy: "Keep both: name another place for the new one with --vault FILE.")
        }
        let (session, credential) = try vaultOptions.openWithCredential()
        if session.isFirstSync(place) { try firstSync.check(session, credential, place) }
        let report = try session.performSync(place)
        Output.message("\(Shown.text(path)) is this vault already.")
        SyncText(report: report, isDryRun: false).say(session)
    }
}
