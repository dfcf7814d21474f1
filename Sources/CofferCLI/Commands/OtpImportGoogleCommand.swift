/// `coffer otp import-google`: every account of a phone's authenticator at once.
import ArgumentParser
import CofferMemory
import CofferOTP
import CofferVault

struct OtpImportGoogleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import-google", abstract: "Take over what Google Authenticator exports.",
        discussion: """
            In the app: menu, Transfer accounts, Export accounts, and photograph or save the QR codes that it shows. Each \
            FILE is a picture, PNG or JPEG, or, where its name ends in .txt, the texts of such codes, one a line. An \
            export of several codes is taken over whole: all of its parts are needed, in any order.

            Each account becomes an entry, its issuer the title and its name the user name; an entry that is there gets \
            the one-time password, and keeps one that it has, unless --yes.

            Examples:
              coffer otp import-google export-1.png export-2.png
              coffer otp import-google codes.txt --dry-run
            """)

    @OptionGroup var vaultOptions: VaultOptions

    @Argument(help: "Pictures, or .txt files with the texts.")
    var files: [String] = []

    @Flag(name: .customLong("uri-stdin"), help: "Read the texts from standard input, one a line.")
    var uriStdin = false

    @Flag(help: "Take what is there although parts of the export are missing.")
    var partial = false

    @Flag(name: .customLong("dry-run"), help: "Only say what would be done.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Replace one-time passwords that entries have.")
    var yes = false

    func validate() throws {
        guard !files.isEmpty || uriStdin else {
            throw CLIError.usage(
                why: "No picture and no text is named.", remedy: "Name the pictures, or pass --uri-stdin.")
        }
        guard !files.contains("-") else {
            throw CLIError.usage(why: "Standard input is read with --uri-stdin.", remedy: "Name the pictures as files.")
        }
    }

    func run() throws {
        var input = MigrationInput()
        for file in files { try input.read(file) }
        if uriStdin { try input.readStandardInput(option: "--uri-stdin") }
        try refuseIncomplete(input)
        guard !input.accounts.isEmpty else {
            saySkipped(input)
            throw VaultError.notFound(what: "account that can be taken over", near: [])
        }
        let session = try vaultOptions.open(isDryRun: dryRun)
        let plan = try MigrationPlan(input.accounts, session, replaces: yes)
        if !dryRun { try plan.save(session) }
        for (name, step) in plan.steps { Output.message(sentence(name, step)) }
        saySkipped(input)
    }

    private func refuseIncomplete(_ input: MigrationInput) throws {
        let missing = input.batch.missing
        guard !missing.isEmpty && !partial else { return }
        let numbers = missing.map(String.init).joined(separator: ", ")
        throw VaultError.refused(
            why: "the export has \(input.batch.size) parts, and part \(numbers) is missing; nothing was changed",
            remedy: "Give all pictures at once, or take what is there with --partial.")
    }

    private func sentence(_ name: String, _ step: MigrationPlan.Step) -> String {
        switch step {
        case .add: dryRun ? "Would add \(name)." : "Added \(name)."
        case .give: dryRun ? "Would give \(name) its one-time password." : "\(name) has its one-time password now."
        case .replace:
            dryRun
                ? "Would replace the one-time password of \(name)."
                : "Replaced the one-time password of \(name); the history keeps the old key."
        case .known: "\(name) has it already."
        case .differs: "coffer: left out \(name), which has another one-time password: --yes replaces it."
        case .ambiguous:
            "coffer: left out \(name): several entries have that title. By hand: coffer otp add TITLE"
        }
    }

    private func saySkipped(_ input: MigrationInput) {
        for skipped in input.batch.skipped {
            let parts = [skipped.issuer, skipped.name].filter { !$0.isEmpty }
            let name =
                parts.isEmpty ? "account \(skipped.place) of part \(skipped.part)" : parts.joined(separator: ", ")
            Output.message("coffer: left out \(Shown.text(name)): \(ErrorReport.words(skipped.obstacle)).")
        }
        if input.batch.unknownFieldCount > 0 {
            Output.message(
                "coffer: warning: the export is from a newer app and says things that this program does not know; compare"
                    + " a code of each account with the phone's.")
        }
        if input.batch.parts.contains(where: \.mayBeCut) {
            Output.message(
                "coffer: warning: the end of the export is missing, perhaps with accounts: compare with the phone."
            )
        }
    }
}
