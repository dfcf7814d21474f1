/// `coffer unlock`: asks once, and lets the agent hold the vault.
import ArgumentParser
import CofferAgent
import CofferMemory
import CofferVault

struct UnlockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock", abstract: "Ask once, and let the agent hold the vault.",
        discussion: """
            The other commands ask nothing then, until the vault is locked: by coffer lock, when nothing was asked for \
            --timeout, in any case after --lifetime, after the machine was asleep, and at the end of the session. Times \
            are like 45s, 10m, 8h, at most 30d; a number alone is seconds. Changing the master password and making keys ask again, and so does reading the \
            secrets of more than 30 entries within a minute, unless --bulk is given.

            Example:
              coffer unlock --timeout 30m
            """)

    @OptionGroup var vaultOptions: VaultOptions

    @Option(help: ArgumentHelp("Lock when nothing was asked for so long (10m).", valueName: "time"))
    var timeout: DurationArgument?

    @Option(help: ArgumentHelp("Lock after so long in any case (8h).", valueName: "time"))
    var lifetime: DurationArgument?

    @Flag(help: "Let a script read the secrets of many entries.")
    var bulk = false

    func run() throws {
        let terms = try terms()
        // Without a place for the socket nobody is asked. The agent is started when there is something to hold: it does not wait
        // for as long as a person may take.
        _ = try RuntimeFolder.find(AgentEnvironment.runtimeFolder, isMade: true)
        let session = try open()
        let connection = try AgentStarter.connection(AgentEnvironment.runtimeFolder)
        let order = UnlockOrder(
            path: session.path, vaultKey: SecretSlice(session.vault.keys.copyVaultKey()),
            stateFolder: try Places.state(), startsMemory: vaultOptions.vault == nil, terms: terms)
        let held = try connection.unlock(order).get()
        Output.message(
            "Unlocked \(Shown.text(held.path)) for \(DurationText.text(seconds: terms.idleSeconds)) after each use, at most"
                + " \(DurationText.text(seconds: terms.lifetimeSeconds))."
                + (bulk ? " Many entries may be read at once." : "") + " Lock it: coffer lock")
    }

    private func open() throws -> LocalSession {
        do {
            return try vaultOptions.openLocal()
        } catch CLIError.cannotAsk(.unlocking), CLIError.cannotAsk(.unlockedAlready) {
            throw CLIError.cannotAsk(.holding)
        }
    }

    private func terms() throws -> HoldingTerms {
        let usual = try Settings.unlockSeconds
        return HoldingTerms(
            idleSeconds: timeout?.seconds ?? usual.idle, lifetimeSeconds: lifetime?.seconds ?? usual.lifetime,
            isBulk: bulk)
    }
}
