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
    /// All frames, one after the other: most messages are one, and go with one call.
    private let frames: SecretBytes
    private var position = 0

    package var isSent: Bool { position == frames.count }

    package init(_ content: consuming SecretBytes) {
        let frameCount = max(1, (content.count + Frame.contentCountMaximum - 1) / Frame.contentCountMaximum)
        var frames = SecretBytes(zeroed: content.count + frameCount * Frame.headCount)
        var (taken, written) = (0, 0)
        for number in 1...frameCount {
            let count = min(Frame.contentCountMaximum, content.count - taken)
            frames.write(Frame.head(count: count, isLast: number == frameCount).span, at: written)
            frames.write(content.span.extracting(taken..<taken + count), at: written + Frame.headCount)
            taken += count
            written += Frame.headCount + count
        }
        self.frames = frames
    }

    /// Sends through `send`, which returns how many bytes it took, or nil when it can take none now. Returns whether
    /// anything was taken.
    package mutating func advance<Failure: Error>(
        _ send: (borrowing Span<UInt8>) throws(Failure) -> Int?
    ) throws(Failure) -> Bool {
        let start = position
        while !isSent {
            guard let count = try send(frames.span.extracting(droppingFirst: position)) else { break }
            position += min(count, frames.count - position)
        }
        return position > start
    }
}
