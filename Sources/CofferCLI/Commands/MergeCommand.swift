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
        let isOtherEpoch = otherEpoch.otherPasswordFD != nil
        let session =
            try isOtherEpoch
            ? vaultOptions.openLocal(isDryRun: isDryRun) : vaultOptions.open(isDryRun: isDryRun)
        guard let session = session as? LocalSession else {
            return try session.merge(file.map { Places.absolute($0) }, isDryRun: isDryRun)
        }
        // A file from before or after a change of the vault key opens with the password of its own time.
        let (others, same) = try otherEpoch.split(file, session, vaultOptions)
        return try session.performMerge(same, otherEpochs: others, isDryRun: isDryRun)
    }
}
