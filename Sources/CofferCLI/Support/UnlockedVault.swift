/// Reaches a vault that the agent holds, so that nobody has to be asked (docs/agent.md).
import CofferAgent
import CofferMemory
import CofferVault

enum UnlockedVault {
    /// The session of the vault at `path` in the agent; nil where no agent holds it. `proveAgain` asks for the master
    /// password once more and returns the vault key; `reopen` opens the vault in this process, should the agent lock it.
    static func session(
        _ path: String, isDryRun: Bool, proveAgain: @escaping () throws(VaultError) -> SecretBytes,
        reopen: @escaping () throws(VaultError) -> LocalSession
    ) throws -> AgentSession? {
        guard let real = Folder.resolved(path), let connection = connection() else { return nil }
        let greeting: Result<VaultNotes, VaultError>
        do throws(AgentError) {
            greeting = try connection.hello(real)
        } catch {
            switch error {
            case .locked, .absent: break
            case .notUnderstood: sayVersion(connection)
            default: Output.message("coffer: warning: \(ErrorReport(error).sentences)")
            }
            return nil
        }
        let notes = try greeting.get()
        sayVersion(connection)
        let machine = try VaultOptions.machine(isKept: !isDryRun)
        let session = AgentSession(
            path: real, author: VaultOptions.author(machine), machine: machine, connection: connection,
            proveAgain: proveAgain, reopen: reopen)
        VaultWarnings.say(notes)
        return session
    }

    /// Tells a person who has just typed the master password how to type it only once, where that is possible.
    static func offer() {
        guard Output.messages.isTerminal,
            (try? RuntimeFolder.find(AgentEnvironment.runtimeFolder, isMade: true)) != nil
        else { return }
        Output.message("To type it only once: coffer unlock")
    }

    /// Whether the agent holds the vault at `path`.
    static func isHeld(_ path: String) -> Bool {
        guard let real = Folder.resolved(path),
            let connection = try? AgentConnection(RuntimeFolder.find(AgentEnvironment.runtimeFolder, isMade: false))
        else { return false }
        return (try? connection.hello(real)) != nil
    }

    /// Nil where no agent can be reached; a command goes on without one.
    private static func connection() -> AgentConnection? {
        do throws(AgentError) {
            return try AgentConnection(RuntimeFolder.find(AgentEnvironment.runtimeFolder, isMade: false))
        } catch {
            // Only what somebody may have planted is worth a word.
            switch error {
            case .foreign, .folderUnsafe: Output.message("coffer: warning: \(ErrorReport(error).sentences)")
            default: break
            }
            return nil
        }
    }

    private static func sayVersion(_ connection: AgentConnection) {
        guard let version = connection.agentVersion, version != CofferVersion.text else { return }
        Output.message(
            "coffer: warning: the agent is of version \(Shown.text(version)), this is \(CofferVersion.text). Start it anew:"
                + " coffer lock, then coffer unlock")
    }
}
