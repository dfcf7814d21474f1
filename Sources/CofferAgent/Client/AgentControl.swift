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

    /// Locks the vault at `path`, or every vault where that is nil. Returns how many were locked: nothing of them is in the
    /// agent's memory then.
    package func lock(_ path: String?) throws(AgentError) -> Int {
        switch try value(ControlNumber.lock, path: path ?? "", as: Int.self, { _ in }) {
        case .success(let count): return count
        case .failure: throw .broken
        }
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
