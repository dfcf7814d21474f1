/// The agent's socket: who may speak, how many at once, and when it ends (docs/agent.md, "The socket").
import CShims
import CofferMemory
import CofferVault
import Glibc

final class AgentServer {
    private var listener: Int32
    private let folder: RuntimeFolder?
    private let socketIdentity: FileIdentity?
    private let clock: BootClock
    private let keeper: Keeper
    private var connections: [Connection] = []
    private var seenLockingCount = 0

    static let connectionsMaximum = 32
    /// Requests that are not whole yet, in bytes, of all connections.
    private static let incomingCountMaximum = 32 << 20
    /// How long a request may go on after the time to lock.
    private static let overtimeSeconds: UInt32 = 60
    /// How often the socket and the clocks are looked at.
    private static let tickSeconds = 2.0
    /// An agent that holds nothing waits so long for a vault, or for another one.
    private static let emptySecondsMaximum = 10.0

    /// `folder` is nil for a listener that somebody else made and looks after.
    init(listener: Int32, folder: RuntimeFolder?, clock: BootClock) {
        self.listener = listener
        self.folder = folder
        self.clock = clock
        socketIdentity = folder.flatMap { try? Folder.identity($0.socketPath) }
        keeper = Keeper(clock: clock)
    }

    /// Serves until it is told to end, its socket is gone, or there is nothing to hold.
    func run() {
        var emptySince = clock.bootSeconds()
        while coffer_is_told_to_end() == 0 {
            serveOnce()
            keeper.lockWhatIsOver()
            dropUnsentAfterLocking(but: nil)
            if keeper.isDismissed && !connections.contains(where: \.isAnswering) { break }
            guard listener < 0 || isSocketInPlace else { break }
            let now = clock.bootSeconds()
            if !keeper.isEmpty || !connections.isEmpty { emptySince = now }
            if now - emptySince >= Self.emptySecondsMaximum { break }
        }
        keeper.lockAll()
        connections = []
        leave()
    }

    /// Listens no more. A socket that somebody else made stays, with whoever waits there.
    private func leave() {
        guard listener >= 0 else { return }
        if let folder, isSocketInPlace { try? Folder.remove(folder.socketPath) }
        close(listener)
        listener = -1
    }

    private var isSocketInPlace: Bool {
        guard let folder, let socketIdentity else { return true }
        guard let now = try? Folder.identity(folder.socketPath) else { return false }
        return now.isSameFile(as: socketIdentity) && folder.isPrivate
    }

    private func serveOnce() {
        var polled = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
        polled += connections.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
        let wait = min(Self.tickSeconds, max(0, keeper.secondsUntilLocking ?? Self.tickSeconds))
        // The array lives through the call, which gets its length.
        let count = unsafe coffer_wait(&polled, polled.count, Int32(wait * 1000) + 1)
        let now = clock.bootSeconds()
        // Whatever woke it: what is over is over before anything is answered.
        keeper.lockWhatIsOver()
        dropUnsentAfterLocking(but: nil)
        if count > 0 {
            for (connection, state) in zip(connections, polled.dropFirst()) where state.revents != 0 {
                // One that was dropped since is not served any more.
                if connections.contains(where: { $0 === connection }) { serve(connection, now) }
            }
            if polled[0].revents != 0 { accept(now) }
        }
        connections.removeAll { $0.isStalled(at: now) }
        while connections.reduce(0, { $0 + $1.incomingCount }) > Self.incomingCountMaximum {
            guard let largest = connections.max(by: { $0.incomingCount < $1.incomingCount }) else { break }
            drop(largest)
        }
    }

    private func serve(_ connection: Connection, _ now: Double) {
        var step = connection.isAnswering ? connection.send(now: now) : connection.receive(now: now)
        if case .request(let message) = step {
            // A request that goes on beyond the time to lock ends with the process, and so does one at the signals to end:
            // nothing is left of a process, and a save survives its end at any point.
            coffer_begin_work(UInt32(max(0, keeper.secondsUntilLocking ?? 0)) + Self.overtimeSeconds)
            let answer = keeper.answer(SecretBytes(copying: message.span))
            coffer_end_work()
            dropUnsentAfterLocking(but: connection)
            // Nobody is to find this agent any more when its client hears that all is locked.
            if keeper.isDismissed { leave() }
            step = connection.send(answer, now: now)
        }
        if case .close = step { drop(connection) }
    }

    /// Answers that are not sent yet, and requests that are not whole, may hold secrets of what was locked.
    private func dropUnsentAfterLocking(but current: Connection?) {
        guard keeper.lockingCount != seenLockingCount else { return }
        seenLockingCount = keeper.lockingCount
        connections.removeAll { $0 !== current }
    }

    private func accept(_ now: Double) {
        let descriptor = coffer_socket_accept(listener)
        guard descriptor >= 0 else { return }
        var (user, process) = (uid_t(), Int32())
        // Another user cannot enter the folder; root can, and is not served either.
        guard unsafe coffer_socket_peer(descriptor, &user, &process) == 0, user == geteuid() else {
            close(descriptor)
            return
        }
        if connections.count >= Self.connectionsMaximum {
            // The one that has done nothing for the longest gives way.
            guard let idlest = connections.min(by: { $0.lastMovedSeconds < $1.lastMovedSeconds }) else { return }
            drop(idlest)
        }
        connections.append(Connection(descriptor, now: now))
    }

    private func drop(_ connection: Connection) { connections.removeAll { $0 === connection } }
}
