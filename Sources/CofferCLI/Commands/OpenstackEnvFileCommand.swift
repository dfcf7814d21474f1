/// `coffer openstack env-file`: a file of references for `coffer run --env-file`.
import ArgumentParser
import CofferExchange
import CofferMemory
import CofferModel
import CofferVault

struct OpenstackEnvFileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "env-file", abstract: "Print a file of references, safe to commit, for coffer run --env-file.",
        discussion: """
            For openstack: the OS_* variables. For terraform: TF_VAR_* by the names that the vkcs provider has. For s3: \
            the keys of an entry of the template s3-keys, as AWS_*. No value of the entry is in the file, only where it is.

            Examples:
              coffer openstack env-file work/vk-project --for terraform >terraform.env
              coffer run --env-file terraform.env -- terraform plan
            """)

    enum Purpose: String, ExpressibleByArgument, CaseIterable {
        case openstack, terraform, s3
    }

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions
    @OptionGroup var pickOptions: PickOptions

    @Option(name: .customLong("for"), help: "Which program reads the variables: openstack, terraform or s3.")
    var purpose: Purpose

    @Option(help: ArgumentHelp("For s3: which of the two key pairs, 1 or 2.", valueName: "n"))
    var slot: Int = 1

    func validate() throws {
        guard (1...2).contains(slot) else {
            throw CLIError.usage(why: "An entry has two key pairs: 1 and 2.", remedy: "Pass --slot 1 or --slot 2.")
        }
    }

    func run() throws {
        let session = try vaultOptions.open()
        let lines: [(name: String, value: String)]
        switch purpose {
        case .s3:
            let entry = try session.find(entryOptions.query(), .nothing)
            lines = try ObjectStorageKeys(entry, slot: slot, session).references()
        case .openstack, .terraform:
            let cloud = try CloudEntry(session, entryOptions.query(), CloudEntry.outline, pick: try pickOptions.pick)
            let references = try CloudReferences(cloud, session)
            lines = purpose == .terraform ? references.terraform() : references.openstack()
        }
        var text = PrivateBuilder()
        text.append(text: "# References to the vault, no values: coffer run --env-file THIS -- COMMAND\n")
        for line in lines { text.append(text: "\(line.name)=\(line.value)\n") }
        let standard = Output.standard
        guard standard.isTerminal else { return try standard.write(text.span) }
        var shown = PrivateBuilder()
        standard.append(text.span, to: &shown, layout: .lines)
        try standard.write(shown.span)
    }
}
