/// `coffer rm`: puts an entry into the trash.
import ArgumentParser
import CofferModel
import CofferVault

struct RmCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Put an entry into the trash.",
        discussion: """
            Nothing is lost: coffer restore takes it out again, coffer purge removes it for good. An edit that another \
            machine made without knowing brings the entry back when the vaults are merged.

            Example:
              coffer rm old/account
            """,
        aliases: ["delete"])

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions

    func run() throws {
        let session = try vaultOptions.open()
        let entry = try session.find(entryOptions.query(), .nothing)
        try session.trash(entry)
        let name = try session.nameInTrash(of: entry)
        Output.message(
            "Moved \(Shown.text(entry.title)) to the trash. Take it out again: " + Shown.command("restore", name))
    }
}
