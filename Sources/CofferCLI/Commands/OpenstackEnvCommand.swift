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

            --json prints what is set and unset, and secrets only with --reveal.

            Example:
              eval "$(coffer openstack env work/vk-project)"
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions
    @OptionGroup var pickOptions: PickOptions

    @Flag(help: "Show secrets on a terminal and in JSON too.")
    var reveal = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let session = try vaultOptions.open()
        let pick = try pickOptions.pick
        let cloud = try CloudEntry(session, entryOptions.query(), .everything, pick: pick)
        var environment = ChildEnvironment()
        try CloudEnvironment(cloud).apply(to: &environment, session, pick: pick)
        guard !json else { return try printJSON(environment, cloud) }
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

    private func printJSON(_ environment: ChildEnvironment, _ cloud: CloudEntry) throws {
        var json = JSONWriter(SecretBuilder())
        json.beginObject()
        json.key("set")
        Self.write(environment.variables.filter { !cloud.isSecret(variable: $0.name) }, to: &json)
        if reveal {
            json.key("secrets")
            Self.write(environment.variables.filter { cloud.isSecret(variable: $0.name) }, to: &json)
        }
        json.member("unset", environment.cleared)
        json.endObject()
        let text = json.finish()
        try Output.standard.write(text.span)
    }

    private static func write(
        _ variables: [(name: String, value: SecretSlice)], to json: inout JSONWriter<SecretBuilder>
    ) {
        json.beginObject()
        for (name, value) in variables {
            json.key(name)
            json.value(value)
        }
        json.endObject()
    }
}
