/// `coffer backups prune`: deletes the backups that the keys of another time open.
import ArgumentParser
import CofferFormat
import CofferVault

struct BackupsPruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Delete the backups from before the last change of the vault key.",
        discussion: """
            After coffer rotate they still open with the old password. Backups of the present vault key stay.

            Example:
              coffer backups prune
            """)

    @OptionGroup var vaultOptions: VaultOptions

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    func run() throws {
        let vault = try vaultOptions.openLocal().vault
        let old = try Backups(ofVault: vault.path).listAll().filter { backup in
            guard let context = (try? Container.open(backup.path))?.header.context else { return false }
            return context.vaultID == vault.keys.context.vaultID && context.epoch < vault.keys.context.epoch
        }
        let count = old.count == 1 ? "1 backup" : "\(old.count) backups"
        guard !old.isEmpty else { return Output.message("No backup is from before the last change of the vault key.") }
        if !yes {
            let isMeant = try vaultOptions.prompt.confirm(
                prompt: "Delete \(count) from before the last change of the vault key?",
                consequence: "That would delete \(count); nothing was changed.")
            guard isMeant else { throw CLIError.declined }
        }
        try Backups.remove(old)
        Output.message("Deleted \(count) from before the last change of the vault key.")
    }
}
