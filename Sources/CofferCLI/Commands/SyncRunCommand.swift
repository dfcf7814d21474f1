/// `coffer sync [FOLDER|FILE]`: reads all replicas, merges, saves, publishes.
import ArgumentParser
import CofferFormat
import CofferModel
import CofferVault

struct SyncRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Sync now (what coffer sync does without another word).",
        discussion: "Example:\n  coffer sync ~/Sync/coffer")

    @OptionGroup var vaultOptions: VaultOptions

    @Argument(help: ArgumentHelp("The shared folder, or one shared vault file; remembered.", valueName: "folder"))
    var place: String?

    @Flag(help: "Make this machine's vault from the one in the folder.")
    var join = false

    @Flag(name: .customLong("dry-run"), help: "Only say what would be merged and published.")
    var isDryRun = false

    @Flag(name: .customLong("exit-code"), help: "End with status 8 if a field has several values now.")
    var exitCode = false

    @Flag(name: .customLong("accept-older"), help: "Go on with a vault file that is older than what was seen.")
    var acceptOlder = false

    @Flag(name: .customLong("accept-rotation"), help: "Take over a new vault key that another machine made.")
    var acceptRotation = false

    @Flag(name: .customLong("accept-weak-password"), help: "Publish though the password alone could be guessed.")
    var acceptWeakPassword = false

    @Option(name: .customLong("vault-id"), help: ArgumentHelp("With --join: which of several vaults.", valueName: "id"))
    var vaultID: String?

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var otherEpoch: OtherEpochOptions

    func validate() throws {
        let others =
            [isDryRun, json, exitCode, acceptOlder, acceptRotation].contains(true) || otherEpoch.otherPasswordFD != nil
        guard !join || !others else {
            throw CLIError.usage(
                why: "Of the other options --join goes with --vault-id and --accept-weak-password only.",
                remedy: "Join first, then sync: coffer sync FOLDER --join")
        }
        guard vaultID == nil || join else {
            throw CLIError.usage(
                why: "The option --vault-id goes with --join.", remedy: "Name the local vault with --vault FILE.")
        }
    }

    func run() throws {
        let named = try place.map { try SyncPlace.named($0) }
        let firstSync = FirstSync(vaultOptions: vaultOptions, isWeakPasswordAccepted: acceptWeakPassword)
        if join {
            return try JoiningVault(vaultOptions: vaultOptions, vaultID: vaultID, firstSync: firstSync).run(named)
        }
        if let named { try refuseSecondVault(named) }
        let (session, report) = try syncThroughAgent(named) ?? syncHere(named, firstSync)
        let text = SyncText(report: report, isDryRun: isDryRun)
        if json {
            try text.printJSON()
        } else if isDryRun {
            try MergeText(report: report.merge, isDryRun: true).print()
        }
        text.say(session)
        // A script must not take it for done.
        if !report.merge.tooLarge.isEmpty { throw CLIError.ended(.unsupported) }
        guard exitCode else { return }
        // What is new has been told.
        if !report.merge.entries.contains(where: { !$0.conflicts.isEmpty }) {
            let open = try session.conflicts().count
            guard open > 0 else { return }
            Output.message(
                "\(open == 1 ? "One clash of before is" : "\(open) clashes of before are") not settled yet."
                    + " See: coffer conflicts. Choose: coffer resolve TITLE")
        }
        throw CLIError.ended(.conflict)
    }

    /// Where nothing is to be accepted or weighed that needs the password, the agent can sync; nil where it cannot.
    private func syncThroughAgent(_ named: SyncPlace?) throws -> (any Session, SyncReport)? {
        guard !acceptOlder, !acceptRotation, let session = try vaultOptions.agentSession(isDryRun: isDryRun) else {
            return nil
        }
        guard try named == nil || isDryRun || session.knownPlace() == named else { return nil }
        return (session, try session.sync(named, isDryRun: isDryRun))
    }

    private func syncHere(_ named: SyncPlace?, _ firstSync: FirstSync) throws -> (any Session, SyncReport) {
        var (session, credential) = try vaultOptions.openWithCredential(
            acceptsOlder: acceptOlder, acceptsOlderEpoch: acceptOlder && acceptRotation, isDryRun: isDryRun)
        var adopted: MergeReport?
        if acceptRotation && !isDryRun { (session, adopted) = try adoptRotation(session, credential, named) }
        if let named { try session.refuseOwnVault(named) }
        if let place = named ?? session.syncPlace, session.isFirstSync(place), !isDryRun {
            try firstSync.check(session, credential, place)
        }
        var report = try session.performSync(named, isDryRun: isDryRun, acceptsOlder: acceptOlder)
        if let adopted { report.add(adopted) }
        return (session, report)
    }

    /// Where there is no vault yet and the folder has one, making another is hardly what is wanted.
    private func refuseSecondVault(_ place: SyncPlace) throws {
        let path = try Places.vault(vaultOptions.vault)
        guard (try? Folder.status(path)) == nil, (try? JoinableFolder.read(place, vaultID: nil)) != nil else { return }
        throw VaultError.vaultInFolder(path: path, folder: place.path)
    }

    // MARK: A new vault key

    /// Takes over a newer vault key, if there is one.
    private func adoptRotation(
        _ session: LocalSession, _ credential: Credential, _ place: SyncPlace?
    ) throws -> (LocalSession, MergeReport?) {
        let paths = try session.newerEpochFiles(place)
        guard !paths.isEmpty else {
            // A file from before a change of the vault key goes on only with the key that it has since.
            try session.vault.checkAgainstMemory(acceptsOlder: true)
            Output.message("No file in the shared folder has a newer vault key.")
            return (session, nil)
        }
        let newer = try otherEpoch.open(paths, credential, vaultOptions)
        let (adopted, report) = try session.adopt(newer.vault)
        let after = try vaultOptions.session(of: adopted)
        let late = report.entries.count
        Output.message(
            "Took over the vault key of epoch \(adopted.keys.context.epoch)"
                + (late == 0
                    ? "." : "; what only this machine had is in it: \(late == 1 ? "1 entry" : "\(late) entries").")
                + " Fingerprint: \(FingerprintText.words(adopted.fingerprint))")
        if newer.isOpenedByPresent {
            Output.message(
                "coffer: warning: the new vault key opens with the same master password as the old one. If a machine was lost,"
                    + " the one who rotated chose another: then this file is forged, and to be asked about there.")
        }
        OldKeys.say(of: adopted, "old password")
        return (after, report)
    }
}
