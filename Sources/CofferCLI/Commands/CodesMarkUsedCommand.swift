/// `coffer codes mark-used`: notes that a code was used elsewhere.
import ArgumentParser
import CofferMemory
import CofferModel
import CofferVault

struct CodesMarkUsedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mark-used", abstract: "Mark a backup code that was used elsewhere.",
        discussion: """
            The code comes from standard input (-), a file descriptor, or the terminal; never from the command line, \
            where other programs see it. Case, spaces and hyphens do not matter where no other code is meant.

            Example:
              coffer codes mark-used work/vk-cloud - <code.txt
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions

    @Argument(help: "- reads the code from standard input. Without it, the code is asked for.")
    var source: String?

    @Option(
        name: .customLong("value-fd"),
        help: ArgumentHelp("Read the code from this file descriptor: its first line.", valueName: "n"))
    var valueFD: Int?

    func validate() throws {
        guard source == nil || source == "-" else { throw CLIError.secretAsArgument(option: "the backup code") }
        guard source == nil || valueFD == nil else {
            throw CLIError.usage(why: "Only one of - and --value-fd can give the code.", remedy: "Leave one out.")
        }
    }

    func run() throws {
        let session = try vaultOptions.open()
        let entry = try session.find(entryOptions.query(), .codes)
        let typed = try read()
        let code = try BackupCodeMatch(BackupCodes(entry)).code(typed, of: entry.title)
        let title = Shown.text(entry.title)
        guard !code.isUsed else {
            Output.message("That code of \(title) was marked used already\(CodeUse.text(code)); nothing was changed.")
            return CodesReport.sayLeft(BackupCodes(entry).unusedCount, of: entry.title, spoken: entryOptions.spoken)
        }
        let unused = try session.markUsed(entry, code.text)
        Output.message("Marked one code of \(title) as used.")
        CodesReport.sayLeft(unused, of: entry.title, spoken: entryOptions.spoken, usedOne: true)
    }

    private func read() throws -> SecretSlice {
        if source != nil { return SecretSlice(try SecretInput.standardInput(option: "-").readLine()) }
        if let valueFD { return SecretSlice(try SecretInput(descriptor: valueFD, option: "--value-fd").readLine()) }
        return SecretSlice(
            try vaultOptions.prompt.askSecret(
                prompt: "Backup code: ", or: .value(what: "the backup code", option: "- or --value-fd N"),
                what: "The code"))
    }
}
