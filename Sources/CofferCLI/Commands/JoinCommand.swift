/// `coffer join`: two entries become one, and no value is lost.
import ArgumentParser
import CofferModel
import CofferVault

struct JoinCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join", abstract: "Make two entries one; both values of every field stay.",
        discussion: """
            For the same account that was added on two machines. TITLE is the entry that stays, OTHER becomes part of it. \
            Fields that differ are conflicts to be settled with coffer resolve or coffer set.

            Example:
              coffer join work/vk-cloud id:3f2a91c4
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions

    @Argument(help: "The entry that becomes part of it; id: and the start of its id, or its title.")
    var other: String

    func run() throws {
        let session = try vaultOptions.open()
        let entry = try session.find(entryOptions.query(), .nothing)
        let other = try session.find(EntryQuery(other), .nothing)
        guard entry.id != other.id else {
            throw CLIError.usage(
                why: "Both names mean the same entry; nothing was changed.",
                remedy: "Name the other one by its id: coffer ls --json shows it.")
        }
        try session.join(entry, other)
        Output.message(
            "\(Shown.text(other.title)) (id:\(other.id.hexadecimal.prefix(8))) is now part of \(Shown.text(entry.title))"
                + " (id:\(entry.id.hexadecimal.prefix(8))); nothing was lost.")
        let fields = try session.entryNow(entry.id, .nothing).conflicts.map(\.groupName)
        guard !fields.isEmpty else { return }
        Output.message(
            "Both had a value of: \(fields.map(Shown.text).joined(separator: ", ")). Compare: coffer conflicts --reveal."
                + " Choose: " + Shown.command("resolve", entry.title, "FIELD"))
    }
}
