/// `coffer restore`: takes an entry out of the trash.
import ArgumentParser
import CofferMerge
import CofferModel
import CofferVault

struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Take an entry out of the trash.",
        discussion: "What is in the trash: coffer ls --trash\n\nExample:\n  coffer restore old/account")

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions

    @Flag(help: "Allow a second entry with this title and user name.")
    var duplicate = false

    func run() throws {
        let session = try vaultOptions.open()
        let entry = try session.find(entryOptions.query([.trash]), .nothing)
        try session.restore(entry, isDuplicateAllowed: duplicate)
        Output.message("Took \(Shown.text(entry.title)) out of the trash.")
    }
}
