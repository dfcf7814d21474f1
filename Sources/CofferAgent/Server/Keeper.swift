/// The vaults that the agent holds, and what becomes of each request (docs/agent.md, "Requests").
import CofferFormat
package import CofferMemory
import CofferVault
import Glibc

/// Everything of the agent but its socket: messages in, messages out, and when to lock.
package final class Keeper {
    private let clock: BootClock
    private var vaults: [String: HeldVault] = [:] {
        didSet { if vaults.count < oldValue.count { lockingCount += 1 } }
    }
    private var sleptSeconds: Double

    package init(clock: BootClock) {
        self.clock = clock
        sleptSeconds = clock.sleptSeconds
    }

    package var isEmpty: Bool { vaults.isEmpty }
    /// How often something was locked: what was to be sent of it must go then, too.
    private(set) var lockingCount = 0
    /// Whether a client has had everything locked: the next one to unlock starts an agent of its own version.
    private(set) var isDismissed = false

    /// Seconds until something is to be locked; nil when nothing is held.
    var secondsUntilLocking: Double? {
        let now = clock.bootSeconds()
        return vaults.values.map { $0.secondsLeft(at: now) }.min()
    }

    /// The machine was asleep for longer than a hiccup of the clocks.
    private static let sleepSecondsMinimum = 1.0

    /// Locks what is over, and everything when the machine was asleep: whoever woke it may be somebody else.
    func lockWhatIsOver() {
        let slept = clock.sleptSeconds
        if slept - sleptSeconds >= Self.sleepSecondsMinimum { lockAll() }
        sleptSeconds = slept
        let now = clock.bootSeconds()
        vaults = vaults.filter { !$0.value.isOver(at: now) && !Self.isGone($0.value.session.path) }
    }

    /// Whether there is no file of that name any more (it went away with its stick, or was removed), or something else.
    private static func isGone(_ path: String) -> Bool {
        do throws(SystemError) {
            return try Folder.status(path).st_mode & S_IFMT != S_IFREG
        } catch {
            return error.number == ENOENT || error.number == ENOTDIR
        }
    }

    func lockAll() { vaults = [:] }

    /// The answer to a message of a client.
    package func answer(_ message: consuming SecretBytes) -> SecretBytes {
        lockWhatIsOver()
        var reader = WireReader(message)
        guard let head = try? reader.read(RequestHead.self) else { return HeldVault.message(.notUnderstood) }
        // Whatever version asks for it, locking is understood.
        guard head.protocolVersion == AgentProtocol.version || head.number == ControlNumber.lock else {
            return HeldVault.message(.notUnderstood)
        }
        do throws(VaultError) {
            if head.number >= ControlNumber.hello { return try control(head, reader) }
            guard let held = vaults[head.path] else { return HeldVault.message(.locked) }
            guard let type = RequestTable.type(of: head.number) else { return HeldVault.message(.notUnderstood) }
            let now = clock.bootSeconds()
            held.wasAsked(at: now)
            return try held.answer(type, reader, now: now)
        } catch {
            guard vaults[head.path] != nil, Self.endsHolding(error) else { return Self.refusal(error) }
            vaults[head.path] = nil
            return HeldVault.message(.locked)
        }
    }

    /// A file of another epoch, or none, under the vault's name: what is held is of no more use.
    private static func endsHolding(_ error: VaultError) -> Bool {
        switch error {
        case .replaced, .vaultMissing, .olderEpoch: true
        default: false
        }
    }

    private static func refusal(_ error: VaultError) -> SecretBytes {
        var sink = WireSink()
        sink.put(AnswerHead(.refused))
        sink.put(error)
        return sink.finish()
    }

    private func answered(_ value: some WireValue) -> SecretBytes {
        var sink = WireSink()
        sink.put(AnswerHead(.answered))
        sink.put([LongHistory]?.none)
        sink.put(value)
        return sink.finish()
    }

    private func control(_ head: RequestHead, _ reader: WireReader) throws(VaultError) -> SecretBytes {
        let now = clock.bootSeconds()
        switch head.number {
        case ControlNumber.hello where Self.isEmpty(reader):
            guard let held = vaults[head.path] else { return HeldVault.message(.locked) }
            try held.session.vault.refresh()
            held.wasAsked(at: now)
            return answered(VaultNotes(held.session.vault))
        case ControlNumber.unlock:
            guard let order = Self.only(UnlockOrder.self, reader) else { return HeldVault.message(.notUnderstood) }
            let held = try HeldVault(order, now: now)
            vaults[held.session.path] = held
            return answered(held.status(at: now))
        case ControlNumber.lock where Self.isEmpty(reader):
            let locked = head.path.isEmpty ? vaults.count : vaults[head.path] == nil ? 0 : 1
            if head.path.isEmpty {
                lockAll()
                isDismissed = true
            } else {
                vaults[head.path] = nil
            }
            return answered(locked)
        case ControlNumber.status where Self.isEmpty(reader):
            let held = vaults.values.map { $0.status(at: now) }.sorted { $0.path < $1.path }
            return answered(AgentStatus(processID: getpid(), vaults: held))
        case ControlNumber.allowReads:
            guard let held = vaults[head.path] else { return HeldVault.message(.locked) }
            guard let key = Self.only(SecretSlice.self, reader), held.session.vault.keys.isVaultKey(key) else {
                return HeldVault.message(.tooManyReads)
            }
            held.allowReads(now: now)
            return answered(Done())
        default: return HeldVault.message(.notUnderstood)
        }
    }

    /// The one value that is left of a message; nil where it is another, or more.
    private static func only<Value: WireValue>(_ type: Value.Type, _ rest: WireReader) -> Value? {
        var reader = rest
        guard let value = try? reader.read(Value.self), (try? reader.finish()) != nil else { return nil }
        return value
    }

    private static func isEmpty(_ rest: WireReader) -> Bool { only(Done.self, rest) != nil }
}
