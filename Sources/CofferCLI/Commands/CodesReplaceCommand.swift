/// `coffer codes replace`: a new generation of backup codes; the old ones are retired and kept in the history.
import ArgumentParser
import CofferModel
import CofferVault

struct CodesReplaceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replace", abstract: "Keep new backup codes in place of the old ones.",
        discussion: """
            For a new list from the service, which makes the old codes invalid. The old ones are not handed out any \
            more; coffer codes list still shows them as retired. A code of the new list that was used before stays used.

            Example:
              coffer codes replace work/vk-cloud backup-codes.txt
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions

    @Argument(help: "The file with the list; - reads standard input. Without it, paste the list.")
    var file: String?

    @Flag(name: .shortAndLong, help: "Retire the old codes without asking.")
    var yes = false

    func run() throws {
        let session = try vaultOptions.open()
        let entry = try session.find(entryOptions.query(), .codes)
        let title = Shown.text(entry.title)
        let new = try CodesInput.read(file, vaultOptions.prompt)
        let unused = BackupCodes(entry).unusedCount
        if unused > 0 && !yes {
            let isMeant = try vaultOptions.prompt.confirm(
                prompt: "Retire the \(CodesReport.count(unused)) of \(title)?",
                consequence: "This would retire the \(CodesReport.count(unused)) of \(title); nothing was changed.")
            guard isMeant else { throw CLIError.declined }
        }
        let usedBefore = CodesReport.usedBefore(try session.replaceCodes(entry, new))
        let now = BackupCodes(try session.entryNow(entry.id, .nothing))
        let kept = now.active.reduce(0) { $0 + $1.codes.count }
        let codes = kept == 1 ? "code" : "codes"
        Output.message("\(title) has \(kept) new \(codes)\(usedBefore); the old ones are retired.")
        CodesReport.sayLeft(now.unusedCount, of: entry.title, spoken: entryOptions.spoken)
    }
}
