/// `coffer mv`: gives an entry another title.
import ArgumentParser
import CofferModel
import CofferVault

struct MvCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mv", abstract: "Give an entry another title.",
        discussion: "Example:\n  coffer mv vk-cloud work/vk-cloud")

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions

    @Argument(help: ArgumentHelp("The new title.", valueName: "new"))
    var newTitle: String

    @Flag(help: "Allow a second entry with this title and user name.")
    var duplicate = false

    func run() throws {
        let session = try vaultOptions.open()
        let entry = try session.find(entryOptions.query(), .nothing)
        let isChanged = try session.rename(entry, to: newTitle, isDuplicateAllowed: duplicate)
        guard isChanged else { return Output.message("Nothing to change: that is the title already.") }
        Output.message("\(Shown.text(entry.title)) is now \(Shown.text(newTitle)).")
    }
}
