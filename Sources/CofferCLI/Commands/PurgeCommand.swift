/// `coffer purge`: takes an entry in the trash out of the vault for good.
import ArgumentParser
import CofferMerge
import CofferModel
import CofferVault

struct PurgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge", abstract: "Remove an entry in the trash for good.",
        discussion: """
            All its values and their history go; only the title stays in the vault, sealed, so that other machines learn \
            of it. Backups made before still hold the entry, and so do other machines until they merge.

            Example:
              coffer purge old/account
              coffer purge old/account --prune-backups
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions

    @Flag(name: .customLong("prune-backups"), help: "Delete the backups that still hold the entry.")
    var pruneBackups = false

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    func run() throws {
        let session = try vaultOptions.open()
        let entry = try session.find(entryOptions.query([.trash]), .nothing)
        let title = Shown.text(entry.title)
        if !yes {
            let isMeant = try vaultOptions.prompt.confirm(
                prompt: "Remove \(title) and its history for good?",
                consequence: "That would remove \(title) and its history for good; nothing was changed.")
            guard isMeant else { throw CLIError.declined }
        }
        let ids = try session.groupIDs(of: entry.id)
        try session.purge(entry)
        Output.message("Removed \(title) for good.")
        let backups = try session.backupsHolding(ids)
        try BackupPruning(
            backups: backups.holding,
            fault: (
                "beside the vault still holds \(title), and other entries too",
                "beside the vault still hold \(title), and other entries too"
            ),
            remedy: "If it must be gone, delete them:"
        ).run(isWanted: pruneBackups, asksNothing: yes, vaultOptions.prompt)
        if backups.unknownCount > 0 {
            Output.message(
                "\(backups.unknownCount) of the backups cannot be opened with this vault's key and may hold it too.")
        }
    }
}
