/// A client's connection to the agent: one request, one answer, in turn.
import CShims
import CofferFormat
import CofferMemory
import CofferVault
import Glibc

package final class AgentConnection {
    private let folder: RuntimeFolder
    private var descriptor: Int32 = -1
    /// Who listened: the agent, or whoever made the socket for it.
    private var peerProcess: Int32 = 0
    /// The version of the agent's program, once it has answered.
    package private(set) var agentVersion: String?

    /// How long an answer may take: a save waits for other writers, a sync for a slow folder.
    static let answerSecondsMaximum: Int32 = 600
    private static let chunkCount = 64 * 1024

    /// Connects; throws `absent` where no agent listens. Nothing is sent to a process of another user.
    package init(_ folder: RuntimeFolder) throws(AgentError) {
        self.folder = folder
        try connect()
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private func connect() throws(AgentError) {
        let path = folder.socketPath
        let opened = unsafe coffer_socket_connect(path)
        guard opened >= 0 else {
            switch errno {
            case ENOENT, ECONNREFUSED, EAGAIN: throw .absent
            case let number: throw .system(action: "connect to", path: path, errno: number)
            }
        }
        var (user, process) = (uid_t(), Int32())
        guard unsafe coffer_socket_peer(opened, &user, &process) == 0, user == geteuid() else {
            close(opened)
            throw .foreign(path: path)
        }
        descriptor = opened
        peerProcess = process
    }

    /// Ends an agent that does not answer; what it held ends with it. Returns false where that cannot be.
    func endPeer() -> Bool {
        // systemd listens for its services: only a process that is the agent itself is ended.
        guard peerProcess > 1, Self.isAgent(peerProcess), kill(peerProcess, SIGTERM) == 0
        else { return false }
        for attempt in 0..<Self.endingAttempts {
            if !Self.isAgent(peerProcess) { return true }
            // One that is stopped, or hangs, takes no other signal. A save is whole whenever it is interrupted.
            if attempt == Self.endingAttempts / 2 { kill(peerProcess, SIGKILL) }
            usleep(Self.endingMicroseconds)
        }
        return false
    }

    private static let endingAttempts = 400
    private static let endingMicroseconds: UInt32 = 5_000

    /// Whether it is an agent's process that has not ended: one that its parent has not asked about yet has no memory any more.
    private static func isAgent(_ process: Int32) -> Bool {
        guard let bytes = try? File(opening: "/proc/\(process)/stat", O_RDONLY).bytes(at: 0, count: 64) else {
            return false
        }
        let name = Array(" (coffer-agent) ".utf8)
        // proc(5): the number, the name in parentheses, the state.
        guard let start = bytes.firstIndex(of: name[0]), bytes.count > start + name.count,
            bytes[start..<start + name.count].elementsEqual(name)
        else { return false }
        return !"ZX".utf8.contains(bytes[start + name.count])
    }

    private func disconnect() {
        close(descriptor)
        descriptor = -1
    }

    /// What came back of a request that was understood.
    enum Reply {
        /// What was saved, nil when nothing was, and the answer.
        case answered([LongHistory]?, WireReader)
        case refused(VaultError)
    }

    /// Sends a request and reads the head of its answer.
    func ask(
        _ number: UInt64, path: String = "", waitSeconds: Int32 = answerSecondsMaximum, _ body: (inout WireSink) -> Void
    ) throws(AgentError) -> Reply {
        var sink = WireSink()
        sink.put(RequestHead(number: number, path: path))
        body(&sink)
        try send(sink.finish())
        var reader = WireReader(try receive(waitSeconds))
        let ending: AgentError
        do throws(FormatError) {
            let head = try reader.read(AnswerHead.self)
            agentVersion = head.programVersion
            // Only locking is understood by every version; of the rest it said no more than that it is another one.
            let isUnderstood = head.protocolVersion == AgentProtocol.version || number == ControlNumber.lock
            switch isUnderstood ? head.status : .notUnderstood {
            case .answered: return .answered(try reader.read(), reader)
            case .refused: return .refused(try reader.read())
            case .locked: ending = .locked
            case .notUnderstood: ending = .notUnderstood
            case .tooManyReads: ending = .tooManyReads
            }
        } catch {
            throw .broken
        }
        throw ending
    }

    /// Nothing of a request has arrived on a connection that the agent had closed already: then it is sent on a new one.
    private func send(_ message: borrowing SecretBytes) throws(AgentError) {
        if descriptor < 0 { try connect() }
        guard try !sendOnce(message) else { return }
        disconnect()
        try connect()
        guard try sendOnce(message) else { throw .broken }
    }

    /// Returns false where the other side had closed before the first byte.
    private func sendOnce(_ message: borrowing SecretBytes) throws(AgentError) -> Bool {
        var outgoing = OutgoingMessage(SecretBytes(copying: message.span))
        var isBegun = false
        let descriptor = descriptor
        while !outgoing.isSent {
            var number: Int32 = 0
            let isMoving = outgoing.advance { bytes in
                let count = unsafe bytes.withUnsafeBytes {
                    unsafe coffer_socket_send(descriptor, $0.baseAddress, $0.count)
                }
                if count > 0 { return count }
                number = errno
                return nil
            }
            isBegun = isBegun || isMoving
            switch number {
            case 0, EINTR: continue
            case EAGAIN: try wait(Int16(POLLOUT))
            case EPIPE where !isBegun, ECONNRESET where !isBegun: return false
            default: throw .broken
            }
        }
        return true
    }

    private func receive(_ waitSeconds: Int32) throws(AgentError) -> SecretBytes {
        var incoming = MessageAssembler(countMaximum: AgentProtocol.answerCountMaximum)
        var chunk = SecretBytes(zeroed: 4096)
        while !incoming.isWhole {
            var target = chunk.mutableSpan
            let descriptor = descriptor
            let count = unsafe target.withUnsafeMutableBytes {
                unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN {
                try wait(Int16(POLLIN), waitSeconds)
                continue
            }
            guard count > 0, incoming.take(chunk.span.extracting(first: count)) else {
                disconnect()
                throw .broken
            }
            // A long answer is read in larger pieces.
            if count == chunk.count && chunk.count < Self.chunkCount { chunk = SecretBytes(zeroed: Self.chunkCount) }
        }
        return incoming.finish()
    }

    private func wait(_ events: Int16, _ seconds: Int32 = answerSecondsMaximum) throws(AgentError) {
        var polled = pollfd(fd: descriptor, events: events, revents: 0)
        let count = unsafe poll(&polled, 1, seconds * 1000)
        guard count > 0 || (count < 0 && errno == EINTR) else {
            disconnect()
            throw .broken
        }
    }
}
