/// One client of the agent: what has come of its request, and what it has taken of the answer.
import CShims
import CofferMemory
import Glibc

final class Connection {
    let descriptor: Int32
    /// When bytes moved last, or it began.
    private(set) var lastMovedSeconds: Double
    private var incoming = MessageAssembler(countMaximum: AgentProtocol.requestCountMaximum)
    private var outgoing: OutgoingMessage?
    /// When the first byte of the request came; nil between requests.
    private var begunSeconds: Double?

    /// A request or answer that does not move for so long ends the connection.
    private static let stallSecondsMaximum = 5.0
    /// A request has arrived so long after its first byte, however it moves.
    private static let arrivalSecondsMaximum = 10.0
    /// Between requests a client may think for a while; then it connects again.
    private static let restSecondsMaximum = 60.0
    private static let chunkCount = 16 * 1024

    init(_ descriptor: Int32, now: Double) {
        self.descriptor = descriptor
        lastMovedSeconds = now
    }

    deinit { close(descriptor) }

    var isAnswering: Bool { outgoing != nil }
    /// The bytes of a request that is not whole yet.
    var incomingCount: Int { incoming.count }

    var events: Int16 { Int16(isAnswering ? POLLOUT : POLLIN) }

    func isStalled(at now: Double) -> Bool {
        let isResting = !isAnswering && begunSeconds == nil
        if let begunSeconds, now - begunSeconds > Self.arrivalSecondsMaximum { return true }
        return now - lastMovedSeconds > (isResting ? Self.restSecondsMaximum : Self.stallSecondsMaximum)
    }

    enum Step { case goOn, close, request(SecretSlice) }

    /// Reads what has come. At most one request: the next one waits for its answer.
    func receive(now: Double) -> Step {
        var chunk = SecretBytes(zeroed: Self.chunkCount)
        var target = chunk.mutableSpan
        let count = unsafe target.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        if count < 0 { return errno == EINTR || errno == EAGAIN ? .goOn : .close }
        guard count > 0, incoming.take(chunk.span.extracting(first: count)) else { return .close }
        lastMovedSeconds = now
        begunSeconds = incoming.isWhole ? nil : begunSeconds ?? now
        return incoming.isWhole ? .request(SecretSlice(incoming.finish())) : .goOn
    }

    /// Sends as much of an answer as the client takes.
    func send(_ answer: consuming SecretBytes, now: Double) -> Step {
        send(OutgoingMessage(answer), now: now)
    }

    func send(now: Double) -> Step {
        guard let message = outgoing.take() else { return .goOn }
        return send(message, now: now)
    }

    private func send(_ message: consuming OutgoingMessage, now: Double) -> Step {
        let descriptor = descriptor
        do {
            let isMoving = try message.advance { bytes throws(ConnectionEnded) -> Int? in
                let count = unsafe bytes.withUnsafeBytes {
                    unsafe coffer_socket_send(descriptor, $0.baseAddress, $0.count)
                }
                if count > 0 { return count }
                guard errno == EAGAIN || errno == EINTR else { throw ConnectionEnded() }
                return nil
            }
            if isMoving { lastMovedSeconds = now }
        } catch {
            return .close
        }
        if !message.isSent { outgoing = .some(message) }
        return .goOn
    }

    private struct ConnectionEnded: Error {}
}
