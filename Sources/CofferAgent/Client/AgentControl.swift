/// What the program asks of the agent itself: to hold a vault, to lock, to say what it holds.
import CofferFormat
import CofferMemory
package import CofferVault

extension AgentConnection {
    /// What is to be said of the vault at `path`, which the agent holds; throws `locked` where it does not.
    package func hello(_ path: String) throws(AgentError) -> Result<VaultNotes, VaultError> {
        try value(ControlNumber.hello, path: path) { _ in }
    }

    package func unlock(_ order: UnlockOrder) throws(AgentError) -> Result<HeldVaultStatus, VaultError> {
        try value(ControlNumber.unlock) { $0.put(order) }
    }

    /// An agent that is busy is given so long before it is ended.
    private static let lockSecondsMaximum: Int32 = 5

    /// Locks the vault at `path`, or every vault where that is nil. Returns how many were locked, nil where the agent was ended
    /// because it did not answer: nothing of them is in its memory then.
    package func lock(_ path: String?) throws(AgentError) -> Int? {
        let reply: Reply
        do throws(AgentError) {
            reply = try ask(ControlNumber.lock, path: path ?? "", waitSeconds: Self.lockSecondsMaximum) { _ in }
        } catch {
            guard error == .broken, endPeer() else { throw error }
            return nil
        }
        guard case .answered(_, var reader) = reply, let count = try? reader.read(Int.self) else { throw .broken }
        return count
    }

    package func status() throws(AgentError) -> AgentStatus {
        switch try value(ControlNumber.status, as: AgentStatus.self, { _ in }) {
        case .success(let status): return status
        case .failure: throw .broken
        }
    }

    private func value<Value: WireValue>(
        _ number: UInt64, path: String = "", as type: Value.Type = Value.self, _ body: (inout WireSink) -> Void
    ) throws(AgentError) -> Result<Value, VaultError> {
        switch try ask(number, path: path, body) {
        case .refused(let refusal): return .failure(refusal)
        case .answered(_, var reader):
            do throws(FormatError) {
                let value = try reader.read(Value.self)
                try reader.finish()
                return .success(value)
            } catch {
                throw .broken
            }
        }
    }
}
