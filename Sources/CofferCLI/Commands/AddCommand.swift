/// `coffer add`: a new entry, asked for field by field or made from options.
import ArgumentParser
import CofferMemory
import CofferModel
import CofferOTP
import CofferVault

struct AddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add an entry.",
        discussion: """
            Asks for what the template has and the options do not give. Without a terminal, the password comes from \
            --password-stdin, --value-fd or --generate.

            Examples:
              coffer add work/vk-cloud --template vk-cloud --username me@example.com
              coffer add example.com --username me --generate
            """,
        aliases: ["insert"])

    @OptionGroup var vaultOptions: VaultOptions

    @Argument(help: "The title; slashes group: work/vk-cloud.")
    var title: String

    @Option(help: ArgumentHelp("The user name; for vk-cloud the e-mail.", valueName: "name"))
    var username: String?

    @Option(help: ArgumentHelp("A URL; may be repeated.", valueName: "url"))
    var url: [String] = []

    @Option(help: ArgumentHelp("A tag; may be repeated.", valueName: "tag"))
    var tag: [String] = []

    @Option(help: "What kind of entry (coffer help templates).")
    var template: EntryTemplate = .login

    @Flag(help: "Generate the password.")
    var generate = false

    @OptionGroup var generateOptions: GenerateOptions

    @Flag(name: .customLong("password-stdin"), help: "Read the entry's password from standard input: its first line.")
    var passwordStdin = false

    @Flag(name: .customLong("note-stdin"), help: "Read the notes from standard input.")
    var noteStdin = false

    @Option(
        name: .customLong("value-fd"),
        help: ArgumentHelp("Read the entry's password from this file descriptor.", valueName: "n"))
    var valueFD: Int?

    @Option(
        name: .customLong("private-key"),
        help: ArgumentHelp("For ssh-key: the file with the private key; - reads standard input.", valueName: "file"))
    var privateKey: String?

    @Flag(help: "Allow a second entry with this title and user name.")
    var duplicate = false

    private static let noteCountMaximum = 256 * 1024

    func validate() throws {
        guard [passwordStdin, noteStdin, privateKey == "-"].count(where: { $0 }) <= 1 else {
            throw CLIError.usage(
                why: "Only one of --password-stdin, --note-stdin and --private-key can read standard input.",
                remedy: "Pass the password with --value-fd.")
        }
        guard [generate, passwordStdin, valueFD != nil].count(where: { $0 }) <= 1 else {
            throw CLIError.usage(
                why: "Only one of --generate, --password-stdin and --value-fd can give the password.",
                remedy: "Leave out all but one.")
        }
        guard privateKey == nil || template == .sshKey else {
            throw CLIError.usage(
                why: "The option --private-key goes with --template ssh-key.",
                remedy: "Leave one out, or add the other.")
        }
        try generateOptions.refuse(unless: generate)
    }

    func run() throws {
        let session = try vaultOptions.open()
        // Told before anything is asked; adding looks again.
        if !duplicate { try session.refuseDuplicate(title: title, username: username) }
        var new = NewEntry(title: title)
        new.username = username
        new.urls = url
        new.tags = tag
        new.template = template == .login ? nil : template.rawValue
        if noteStdin {
            let notes = SecretSlice(
                try SecretInput.standardInput(option: "--note-stdin").readAll(maximumBytes: Self.noteCountMaximum))
            new.notes = notes.withoutFinalLineFeed
        }
        new.password = try givenPassword()
        guard new.password?.count != 0 else { throw CLIError.emptyValue(what: "password") }
        if let privateKey { new.fields += try SSHKeyFile.fields(privateKey) }
        let asker = EntryQuestions(prompt: vaultOptions.prompt, session: session)
        if asker.prompt.isAvailable {
            try asker.complete(&new, template)
        } else if new.password == nil && template.needsPassword {
            throw CLIError.cannotAsk(
                .value(what: "the password", option: "--generate, --password-stdin or --value-fd N"))
        } else if template == .sshKey && privateKey == nil {
            throw CLIError.cannotAsk(.value(what: "the private key", option: "--private-key FILE"))
        } else if template == .vkCloud {
            new.fields = [EntryQuestions.userDomain("")]
        }
        try session.add(new, isDuplicateAllowed: duplicate)
        Output.message("Added \(Shown.text(new.title)).")
        if let codes = new.codes {
            CodesReport.sayLeft(
                codes.codes.count { !$0.isUsed }, of: new.title, spoken: EntryOptions.spoken(new.title, new.username))
        }
    }

    private func givenPassword() throws -> SecretSlice? {
        if generate { return try generateOptions.generate() }
        if passwordStdin {
            return SecretSlice(try SecretInput.standardInput(option: "--password-stdin").readLine(maximumBytes: 65_536))
        }
        guard let valueFD else { return nil }
        return SecretSlice(try SecretInput(descriptor: valueFD, option: "--value-fd").readLine(maximumBytes: 65_536))
    }
}
