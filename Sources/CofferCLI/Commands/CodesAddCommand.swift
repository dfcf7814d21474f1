/// `coffer codes add`: keeps a list of backup codes.
import ArgumentParser
import CofferModel
import CofferVault

struct CodesAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Keep backup codes.",
        discussion: """
            Reads the list as the service gives it: numbering, bullets, headings and columns are passed over, codes that \
            are marked as used are kept as used. What was understood is said without showing a code. Codes that the \
            entry has already are not added again, and one that was used in an earlier list stays used.

            Where new codes take the place of the old ones, use coffer codes replace.

            Example:
              coffer codes add work/vk-cloud backup-codes.txt
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions

    @Argument(help: "The file with the list; - reads standard input. Without it, paste the list.")
    var file: String?

    func run() throws {
        let session = try vaultOptions.open()
        let entry = try session.find(entryOptions.query(), .codes)
        let unusedBefore = BackupCodes(entry).unusedCount
        let new = try CodesInput.read(file, vaultOptions.prompt)
        let result = try session.addCodes(entry, new)
        let title = Shown.text(entry.title)
        let known = result.known > 0 ? "; \(result.known) known already" : ""
        let used = result.markedUsed > 0 ? "; \(result.markedUsed) of them marked used" : ""
        let before = CodesReport.usedBefore(result.usedBefore)
        Output.message(
            "Added \(result.added) \(result.added == 1 ? "code" : "codes") to \(title)\(before)\(known)\(used).")
        if unusedBefore > 0 && result.added > 0 && result.known == 0 {
            Output.message(
                "The codes it had stay. If the service made these in their place, run: "
                    + Shown.command("codes replace", entryOptions.spoken))
        }
        let now = BackupCodes(try session.entryNow(entry.id, .nothing))
        CodesReport.sayLeft(now.unusedCount, of: entry.title, spoken: entryOptions.spoken)
    }
}
