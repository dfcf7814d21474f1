/// `coffer lock`: the agent forgets the vaults it holds.
import ArgumentParser
import CofferAgent
import CofferVault

struct LockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock", abstract: "Lock every vault that is unlocked, or one.",
        discussion: """
            Returns when nothing of them is left in the agent's memory. With no vault unlocked there is nothing to do.

            Example:
              coffer lock
            """)

    @Option(help: ArgumentHelp("Only this vault.", valueName: "file"))
    var vault: String?

    func run() throws {
        let path = vault.map { Places.absolute($0) }
        let count: Int?
        do throws(AgentError) {
            count = try AgentConnection(RuntimeFolder.find(AgentEnvironment.runtimeFolder, isMade: false)).lock(path)
        } catch {
            guard error == .absent || error == .noRuntimeFolder else { throw error }
            count = 0
        }
        switch count {
        case nil: Output.message("The agent was busy and has been ended; nothing is unlocked.")
        case 0: Output.message(vault.map { "\(Shown.text($0)) was not unlocked." } ?? "Nothing was unlocked.")
        case 1: Output.message(vault.map { "Locked \(Shown.text($0))." } ?? "Locked.")
        case .some(let count): Output.message("Locked \(count) vaults.")
        }
    }
}
