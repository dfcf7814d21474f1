/// `coffer otp remove`: takes the one-time password from an entry; the history keeps it.
import ArgumentParser
import CofferModel
import CofferVault

struct OtpRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Take the one-time password from an entry.",
        discussion: """
            The history keeps the key: coffer undo TITLE otp brings it back.

            Example:
              coffer otp remove work/vk-cloud
            """, aliases: ["rm", "delete"])

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    func run() throws {
        let session = try vaultOptions.open()
        let entry = try session.find(entryOptions.query(), .nothing)
        let title = Shown.text(entry.title)
        guard entry.text(.otp) != nil else {
            throw VaultError.notInEntry(what: "one-time password", title: entry.title)
        }
        if !yes {
            let isMeant = try vaultOptions.prompt.confirm(
                prompt: "Remove the one-time password of \(title)? Without it you may be unable to sign in.",
                consequence: "This would remove the one-time password of \(title); nothing was changed.")
            guard isMeant else { throw CLIError.declined }
        }
        try session.set(entry, .otp, .removed)
        Output.message(
            "Removed the one-time password of \(title). To bring it back: " + Shown.command("undo", entry.title, "otp"))
    }
}
