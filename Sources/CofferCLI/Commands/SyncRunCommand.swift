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

    func run() throws {
        let named = try place.map { try SyncPlace.named($0) }
        if join { return try JoiningVault(vaultOptions: vaultOptions, vaultID: vaultID).run(named) }
        var (session, credential) = try vaultOptions.openWithCredential(acceptsOlder: acceptOlder, isDryRun: isDryRun)
        if acceptRotation && !isDryRun { session = try adoptRotation(session, credential, named) }
        if let place = named ?? session.syncPlace, session.isFirstSync(place), !isDryRun {
            try FirstSync(vaultOptions: vaultOptions, isWeakPasswordAccepted: acceptWeakPassword)
                .check(session, credential, place)
        }
        let report = try session.sync(named, isDryRun: isDryRun, acceptsOlder: acceptOlder)
        let text = SyncText(report: report, isDryRun: isDryRun)
        if json {
            try text.printJSON()
        } else if isDryRun {
            try MergeText(report: report.merge, isDryRun: true).print()
        }
        text.say(session)
        if exitCode && report.merge.entries.contains(where: { !$0.conflicts.isEmpty }) {
            throw CLIError.ended(.conflict)
        }
    }

    // MARK: A new vault key

    /// Takes over a newer vault key, if there is one.
    private func adoptRotation(_ session: Session, _ credential: Credential, _ place: SyncPlace?) throws -> Session {
        let paths = try session.newerEpochFiles(place)
        guard !paths.isEmpty else {
            Output.message("No file in the shared folder has a newer vault key.")
            return session
        }
        let newer = try otherEpoch.open(paths, credential, vaultOptions)
        let (adopted, report) = try session.adopt(newer)
        let after = try vaultOptions.session(of: adopted)
        let late = report.entries.count
        Output.message(
            "Took over the vault key of epoch \(adopted.keys.context.epoch)"
                + (late == 0
                    ? "." : "; what only this machine had is in it: \(late == 1 ? "1 entry" : "\(late) entries").")
                + " Fingerprint: \(FingerprintText.words(adopted.fingerprint))")
        OldKeys.say(of: adopted, "old password")
        return after
    }
}
