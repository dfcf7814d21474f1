/// `coffer merge`: takes in what other files of this vault hold.
import ArgumentParser
import CofferMemory
import CofferModel
import CofferVault

struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge", abstract: "Take in what other files of this vault hold; nothing is lost.",
        discussion: """
            For conflict copies of a syncer, backups, a copy on a USB stick: any number of files of this vault, opened with \
            the one password of the vault itself. Where two machines changed the same field, both values are kept until \
            somebody chooses (coffer conflicts). An entry that would become larger than 16 MiB is named and left apart, and \
            the status is 7. The files themselves stay as they are. A file of another vault is refused.

            Examples:
              coffer merge vault.sync-conflict-20261125.coffer --dry-run
              coffer merge /media/usb/vault.coffer
            """)

    @OptionGroup var vaultOptions: VaultOptions

    @Argument(help: "Vault files.")
    var file: [String]

    @Flag(name: .customLong("dry-run"), help: "Only say what would be merged.")
    var isDryRun = false

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var otherEpoch: OtherEpochOptions

    func run() throws {
        let report = MergeText(report: try merge(), isDryRun: isDryRun)
        if json { try report.printJSON() } else { try report.print() }
        report.say()
        // A script must not take it for done.
        if !report.report.tooLarge.isEmpty { throw CLIError.ended(.unsupported) }
    }

    private func merge() throws -> MergeReport {
        let path = try Places.vault(vaultOptions.vault)
        // A file from before or after a change of the vault key opens with the password of its own time, and here.
        let hasOthers = try !otherEpoch.others(file, vaultPath: path, vaultOptions).isEmpty
        guard !hasOthers, let session = try vaultOptions.agentSession(isDryRun: isDryRun) else {
            let session = try vaultOptions.openLocal(isDryRun: isDryRun)
            let (others, same) = try otherEpoch.split(file, session, vaultOptions)
            return try session.performMerge(same, otherEpochs: others, isDryRun: isDryRun)
        }
        // Named as it was given, not as the agent has to be told.
        for path in file where (try? Folder.status(path)) == nil { throw VaultError.fileMissing(path: path) }
        return try session.merge(file.map { Places.absolute($0) }, isDryRun: isDryRun)
    }
}
