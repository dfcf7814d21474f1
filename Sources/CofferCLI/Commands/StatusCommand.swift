/// `coffer status`: what the agent holds, and for how long.
import ArgumentParser
import CofferAgent
import CofferMemory
import CofferVault

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say which vaults are unlocked, and for how long.",
        discussion: """
            --json prints running, version and pid (of the agent, or null) and vaults, an array of objects with vault, entries, \
            machine, locks_in and lifetime_left (seconds), and bulk. With --check nothing is printed, and the status is 0 if \
            the vault is unlocked, 5 if not.

            Example:
              coffer status --check || coffer unlock
            """)

    @Option(help: ArgumentHelp("The vault that --check means.", valueName: "file"))
    var vault: String?

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Print nothing; end with status 5 if the vault is locked.")
    var check = false

    func validate() throws {
        guard vault == nil || check else {
            throw CLIError.usage(why: "The option --vault goes with --check.", remedy: "Leave it out to see all.")
        }
        guard !(json && check) else {
            throw CLIError.usage(why: "The option --check prints nothing.", remedy: "Leave out --json or --check.")
        }
    }

    func run() throws {
        guard !check else { return try checkVault() }
        let (version, agent) = try read()
        let vaults = agent?.vaults ?? []
        if json { return try printJSON(version, agent) }
        guard !vaults.isEmpty else { return try Output.standard.print("No vault is unlocked.") }
        for vault in vaults {
            let bulk = vault.isBulk ? " Many entries may be read at once." : ""
            try Output.standard.print(
                "\(Shown.text(vault.path)) is unlocked: \(vault.entryCount == 1 ? "1 entry" : "\(vault.entryCount) entries"),"
                    + " on \(Shown.text(vault.machineLabel)). It locks in \(DurationText.text(seconds: vault.secondsLeft))"
                    + " unless it is used, at the latest in \(DurationText.text(seconds: vault.lifetimeSecondsLeft)).\(bulk)"
            )
        }
    }

    /// Where the agent cannot be reached, for whatever reason, the vault is locked.
    private func checkVault() throws {
        let path = Places.absolute(try Places.vault(vault))
        let vaults = (try? read())?.agent?.vaults ?? []
        guard vaults.contains(where: { $0.path == path }) else { throw CLIError.ended(.locked) }
    }

    private func read() throws -> (version: String?, agent: AgentStatus?) {
        do throws(AgentError) {
            let connection = try AgentConnection(RuntimeFolder.find(AgentEnvironment.runtimeFolder, isMade: false))
            let status = try connection.status()
            return (connection.agentVersion, status)
        } catch {
            guard error == .absent || error == .noRuntimeFolder else { throw error }
            return (nil, nil)
        }
    }

    private func printJSON(_ version: String?, _ agent: AgentStatus?) throws {
        var json = JSONWriter(PrivateBuilder(capacity: 512))
        json.beginObject()
        json.member("running", agent != nil)
        json.key("version")
        if let version { json.value(version) } else { json.null() }
        json.key("pid")
        if let agent { json.value(Int(agent.processID)) } else { json.null() }
        json.key("vaults")
        json.beginArray()
        for vault in agent?.vaults ?? [] {
            json.beginObject()
            json.member("vault", vault.path)
            json.member("entries", vault.entryCount)
            json.member("machine", vault.machineLabel)
            json.member("locks_in", vault.secondsLeft)
            json.member("lifetime_left", vault.lifetimeSecondsLeft)
            json.member("bulk", vault.isBulk)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        let text = json.finish()
        try Output.standard.write(text.span)
    }
}
