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

    func run() throws {
        let named = try place.map { try SyncPlace.named($0) }
        if join { return try JoiningVault(vaultOptions: vaultOptions, vaultID: vaultID).run(named) }
        let (session, credential) = try vaultOptions.openWithCredential(acceptsOlder: acceptOlder)
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
}
