/// `coffer openstack import`: an openrc file or clouds.yaml becomes entries.
import ArgumentParser
import CofferExchange
import CofferMemory
import CofferModel
import CofferVault

struct OpenstackImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take the settings of an openrc file or clouds.yaml over.",
        discussion: """
            An openrc file is read, never run: one that only running could tell is refused with its line. What the file \
            asks for when it runs, the password, is asked for here. Every cloud of a clouds.yaml becomes an entry; a \
            secure.yaml beside it is read too. With --account the entry has no copy of user name and password: it names \
            the entry of the account, so that several projects share one.

            Examples:
              coffer openstack import myproject-openrc.sh --account work/vk-cloud
              coffer openstack import ~/.config/openstack/clouds.yaml --dry-run
            """)

    @OptionGroup var vaultOptions: VaultOptions

    @Argument(help: "The file: NAME-openrc.sh, clouds.yaml, or - for standard input.")
    var file: String

    @Option(help: ArgumentHelp("Change this entry instead of adding one.", valueName: "title"))
    var into: String?

    @Option(help: ArgumentHelp("The title of the new entry.", valueName: "title"))
    var title: String?

    @Option(
        help: ArgumentHelp("The entry whose user name, password and one-time password are used.", valueName: "title"))
    var account: String?

    @Option(help: ArgumentHelp("Only this cloud of the file.", valueName: "name"))
    var cloud: String?

    @Option(
        help: ArgumentHelp(
            "The secure.yaml that goes with it (else the one beside it, if there is one).", valueName: "file"))
    var secure: String?

    @Flag(name: .customLong("dry-run"), help: "Only say what would be done.")
    var dryRun = false

    @Flag(help: "Allow a second entry with this title and user name.")
    var duplicate = false

    func validate() throws {
        guard into == nil || title == nil else {
            throw CLIError.usage(why: "The options --into and --title exclude each other.", remedy: "Leave one out.")
        }
        guard file != "-" || secure != "-" else {
            throw CLIError.usage(why: "Only one input can be standard input.", remedy: "Name a file for the other.")
        }
    }

    func run() throws {
        // The file first: one that is refused must not have cost a password.
        let source = try CloudFile(file, secure: secure).read(only: cloud)
        guard source.clouds.count == 1 || (into == nil && title == nil) else {
            throw CLIError.usage(
                why: "The file has \(source.clouds.count) clouds, and --into or --title names one entry.",
                remedy:
                    "Say which one: --cloud NAME. They are: \(Shown.text(source.clouds.map(\.name).joined(separator: ", ")))"
            )
        }
        let session = try vaultOptions.open(isDryRun: dryRun)
        let target = try into.map { try session.find(EntryQuery($0), .everything) }
        let sharing = try sharedAccount(target, session)
        let plans = source.clouds.map { settings in
            CloudImport(
                settings: settings, asked: source.asked, title: title ?? settings.name, account: sharing,
                isDuplicateAllowed: duplicate, session: session, prompt: vaultOptions.prompt)
        }
        for plan in plans {
            try plan.refuseOtherUser()
            try plan.refuseProjectAsAccount(target)
        }
        if let target {
            try plans[0].change(target, isDryRun: dryRun)
        } else {
            // All of them or none.
            let new = try plans.map { try $0.newEntry(isDryRun: dryRun) }
            if !dryRun { try session.addAll(new, changing: []) }
            for (plan, entry) in zip(plans, new) { plan.sayAdded(entry, isDryRun: dryRun) }
        }
        for file in source.secretFiles {
            Output.message("coffer: \(Shown.text(file)) holds a secret in clear: delete it when you need it no more.")
        }
    }

    /// The account that is named, else the one that the entry to be changed shares already.
    private func sharedAccount(_ target: Entry?, _ session: any Session) throws -> Entry? {
        if let account { return try session.find(EntryQuery(account), .only([SharedAccount.field])) }
        return try target.flatMap { try SharedAccount.find(of: $0, session, .only([SharedAccount.field])) }
    }
}
