/// `coffer edit`: asks for every field of an entry and saves all changes at once.
import ArgumentParser
import CofferModel
import CofferVault

struct EditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit", abstract: "Ask for every field of an entry on the terminal.",
        discussion: """
            Enter keeps what is there, a single - takes the field away. Secrets are not shown. Everything is saved at \
            once at the end; Ctrl-C leaves the entry as it was. One field alone: coffer set

            Example:
              coffer edit work/vk-cloud
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions

    @Flag(help: "Allow a second entry with this title and user name.")
    var duplicate = false

    func run() throws {
        let prompt = vaultOptions.prompt
        guard prompt.isAvailable else {
            throw CLIError.usage(
                why: "The command coffer edit asks on a terminal, and there is none; nothing was changed.",
                remedy: "Change one field at a time: coffer set TITLE FIELD VALUE")
        }
        let session = try vaultOptions.open()
        let entry = try session.find(entryOptions.query(), .everything)
        let drafts = try EditQuestions(session: session, entry: entry, prompt: prompt).ask()
        guard try session.change(entry, drafts, isDuplicateAllowed: duplicate) else {
            return Output.message("Nothing was changed.")
        }
        Output.message(
            "Saved \(drafts.count == 1 ? "1 change" : "\(drafts.count) changes") to \(Shown.text(entry.title)).")
    }
}
