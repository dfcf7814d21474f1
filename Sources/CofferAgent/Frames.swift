/// How messages are cut into frames on a stream (docs/agent.md, "Frames").
package import CofferMemory

/// A frame is four bytes, most significant first, and as much content as they say: at most 64 KiB. The top bit says that the
/// message goes on in the next frame.
package enum Frame {
    package static let headCount = 4
    package static let contentCountMaximum = 64 * 1024
    private static let moreBit: UInt32 = 1 << 31

    package static func head(count: Int, isLast: Bool) -> [UInt8] {
        let word = UInt32(count) | (isLast ? 0 : moreBit)
        return (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * UInt32($0))) }
    }

    /// Nil for a length that no frame has.
    package static func parse(_ head: [UInt8]) -> (count: Int, isLast: Bool)? {
        guard head.count == headCount else { return nil }
        let word = head.reduce(0) { $0 << 8 | UInt32($1) }
        let count = Int(word & ~moreBit)
        guard count <= contentCountMaximum else { return nil }
        return (count, word & moreBit == 0)
    }
}

/// Puts a message together from what arrives. Memory grows with what has come, never with what a length promises.
package struct MessageAssembler: ~Copyable {
    private let countMaximum: Int
    private var head: [UInt8] = []
    private var content = SecretBuilder(capacity: 1024)
    private var missingCount = 0
    private var isInLastFrame = false
    private var isInFrame = false

    /// Whether the message is whole.
    package private(set) var isWhole = false

    /// The number of bytes that are kept.
    package var count: Int { content.count }

    package init(countMaximum: Int) { self.countMaximum = countMaximum }

    /// Takes bytes as they come. Returns false where they are no message, are too long for one, or follow its end.
    package mutating func take(_ bytes: borrowing Span<UInt8>) -> Bool {
        var position = 0
        while position < bytes.count {
            guard !isWhole else { return false }
            if !isInFrame {
                head.append(bytes[position])
                position += 1
                guard head.count == Frame.headCount else { continue }
                guard let (count, isLast) = Frame.parse(head), count <= countMaximum - content.count else {
                    return false
                }
                // An empty frame that is not the last could go on for ever.
                guard count > 0 || isLast else { return false }
                head = []
                (missingCount, isInLastFrame, isInFrame) = (count, isLast, true)
            }
            let taken = min(missingCount, bytes.count - position)
            content.append(bytes.extracting(position..<position + taken))
            position += taken
            missingCount -= taken
            guard missingCount == 0 else { continue }
            isInFrame = false
            isWhole = isInLastFrame
        }
        return true
    }

    /// The whole message; begins a new one.
    package mutating func finish() -> SecretBytes {
        var message = SecretBuilder(capacity: 1024)
        swap(&message, &content)
        isWhole = false
        return message.finish()
    }
}

/// A message that is sent piece by piece, as the other side takes it.
package struct OutgoingMessage: ~Copyable {
    private let content: SecretBytes
    private var head: [UInt8] = []
    private var headSent = 0
    private var position = 0
    private var frameEnd = 0
    package private(set) var isSent = false

    package init(_ content: consuming SecretBytes) {
        self.content = content
        beginFrame()
    }

    private mutating func beginFrame() {
        let count = min(Frame.contentCountMaximum, content.count - position)
        frameEnd = position + count
        head = Frame.head(count: count, isLast: frameEnd == content.count)
        headSent = 0
    }

    /// Sends through `send`, which returns how many bytes it took, or nil when it can take none now. Returns whether
    /// anything was taken.
    package mutating func advance<Failure: Error>(
        _ send: (borrowing Span<UInt8>) throws(Failure) -> Int?
    ) throws(Failure) -> Bool {
        var isMoving = false
        while !isSent {
            if headSent < head.count {
                guard let count = try send(head.span.extracting(droppingFirst: headSent)) else { return isMoving }
                headSent += count
                isMoving = true
                continue
            }
            if position < frameEnd {
                guard let count = try send(content.span.extracting(position..<frameEnd)) else { return isMoving }
                position += count
                isMoving = true
                continue
            }
            if position == content.count { isSent = true } else { beginFrame() }
        }
        return isMoving
    }
}
