/// `coffer openstack env`: the OS_* variables for a shell.
import ArgumentParser
import CofferExchange
import CofferMemory
import CofferVault

struct OpenstackEnvCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "env", abstract: "Print the OS_* variables of an entry as shell commands.",
        discussion: """
            For a shell that is to keep them; coffer run --os-cloud gives them to one program only. Variables that are set \
            and contradict them are unset. On a terminal secrets are masked, unless --reveal.

            Example:
              eval "$(coffer openstack env work/vk-project)"
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions
    @OptionGroup var pickOptions: PickOptions

    @Flag(help: "Show secrets on a terminal too.")
    var reveal = false

    func run() throws {
        let session = try vaultOptions.open()
        let pick = try pickOptions.pick
        let cloud = try CloudEntry(session, entryOptions.query(), .everything, pick: pick)
        var environment = ChildEnvironment()
        try CloudEnvironment(cloud).apply(to: &environment, session, pick: pick)
        let output = Output.standard
        let isMasked = output.isTerminal && !reveal
        var text = SecretBuilder()
        // A variable whose name is no shell's is none to it, and could be a command.
        for name in environment.cleared where VariableName.isValid(name) { text.append(text: "unset \(name)\n") }
        for (name, value) in environment.variables {
            text.append(text: "export \(name)=")
            if isMasked && cloud.isSecret(variable: name) {
                text.append(fixed: "••••••••")
            } else {
                ShellQuoting.append(value.span, to: &text, output)
            }
            text.append(fixed: "\n")
        }
        try output.write(text.span)
    }
}
