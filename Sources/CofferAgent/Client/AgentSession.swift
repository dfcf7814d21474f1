/// The session of a vault that the agent holds: every request goes through its socket.
import CofferFormat
package import CofferMemory
package import CofferVault

package final class AgentSession: Session {
    package let path: String
    package let author: Author
    package let machine: Machine
    package var afterSave: (([LongHistory]) -> Void)?
    private let connection: AgentConnection
    /// Asks the person for the master password once more and returns the vault key that it unwraps.
    private let proveAgain: () throws(VaultError) -> SecretBytes
    /// Opens the vault in this process, where the agent has locked it meanwhile.
    private let reopen: () throws(VaultError) -> LocalSession
    /// What answers since then.
    private var local: LocalSession?

    package init(
        path: String, author: Author, machine: Machine, connection: AgentConnection,
        proveAgain: @escaping () throws(VaultError) -> SecretBytes,
        reopen: @escaping () throws(VaultError) -> LocalSession
    ) {
        (self.path, self.author, self.machine) = (path, author, machine)
        (self.connection, self.proveAgain, self.reopen) = (connection, proveAgain, reopen)
    }

    package func answer<Question: Request>(_ request: Question) throws(VaultError) -> Question.Answer {
        if let local { return try local.answer(request) }
        let first: Result<Question.Answer, VaultError>
        do throws(AgentError) {
            first = try ask(request)
        } catch {
            switch error {
            case .tooManyReads: return try askAgain(request, proof: SecretSlice(try proveAgain()))
            case .locked, .absent:
                let opened = try reopen()
                local = opened
                return try opened.answer(request)
            default: throw error.asVaultError(path: path)
            }
        }
        return try first.get()
    }

    private func askAgain<Question: Request>(
        _ request: Question, proof: SecretSlice
    ) throws(VaultError) -> Question.Answer {
        let second: Result<Question.Answer, VaultError>
        do throws(AgentError) {
            _ = try connection.ask(ControlNumber.allowReads, path: path) { $0.put(proof) }
            second = try ask(request)
        } catch {
            throw error.asVaultError(path: path)
        }
        return try second.get()
    }

    private func ask<Question: Request>(
        _ request: Question
    ) throws(AgentError) -> Result<Question.Answer, VaultError> {
        switch try connection.ask(Question.number, path: path, { $0.put(request) }) {
        case .refused(let refusal): return .failure(refusal)
        case .answered(let saved, var reader):
            let answer: Question.Answer
            do throws(FormatError) {
                answer = try reader.read()
                try reader.finish()
            } catch {
                throw .broken
            }
            if let saved { afterSave?(saved) }
            return .success(answer)
        }
    }
}

extension AgentError {
    /// The same in the terms of whoever asked something of a vault.
    func asVaultError(path: String) -> VaultError {
        switch self {
        case .locked, .absent: .lockedMeanwhile(path: path)
        case .notUnderstood: .agentTooOld(path: path)
        case .tooManyReads: .tooManyReads(path: path)
        default: .agentLost(path: path)
        }
    }
}
