/// `coffer codes undo`: takes back the last use of a backup code.
import ArgumentParser
import CofferModel
import CofferVault

struct CodesUndoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Make the backup code that was used last unused again.",
        discussion: """
            For a code that was taken and not typed in.

            Example:
              coffer codes undo work/vk-cloud
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions

    func run() throws {
        let session = try vaultOptions.open()
        let entry = try session.find(entryOptions.query(), .codes)
        let unused = try session.undoLastUse(entry)
        Output.message("The code of \(Shown.text(entry.title)) that was used last is unused again.")
        CodesReport.sayLeft(unused, of: entry.title, spoken: entryOptions.spoken)
    }
}
