/// Frames: whatever is sent arrives, however it is cut up, and nothing else is taken for a message.
import CofferAgent
import CofferMemory
import Testing

struct FramesTests {
    private static func message(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) } }

    /// All bytes that go out for a message, taken in pieces of at most `piece`.
    private static func sent(_ content: [UInt8], piece: Int = .max) -> [UInt8] {
        var outgoing = OutgoingMessage(SecretBytes(copying: content))
        var bytes: [UInt8] = []
        while !outgoing.isSent {
            var isFirst = true
            _ = outgoing.advance { span in
                guard isFirst else { return nil }
                isFirst = false
                let count = min(piece, span.count)
                for index in 0..<count { bytes.append(span[index]) }
                return count
            }
        }
        return bytes
    }

    /// The message that arrives, nil when it is refused or not whole.
    private static func received(_ bytes: [UInt8], piece: Int, maximum: Int = 1 << 20) -> [UInt8]? {
        var assembler = MessageAssembler(countMaximum: maximum)
        for start in stride(from: 0, to: bytes.count, by: piece) {
            let part = Array(bytes[start..<min(start + piece, bytes.count)])
            guard assembler.take(part.span) else { return nil }
        }
        guard assembler.isWhole else { return nil }
        let message = assembler.finish()
        return (0..<message.count).map { message.span[$0] }
    }

    @Test(arguments: [0, 1, 3, 4, 65_535, 65_536, 65_537, 131_072, 200_000])
    func `a message arrives as it was sent`(count: Int) {
        let content = Self.message(count)
        for piece in [1, 7, 4096, 65_540, 1 << 20] {
            #expect(Self.received(Self.sent(content, piece: piece), piece: piece) == content)
        }
    }

    @Test func `no frame is longer than 64 KiB`() {
        let bytes = Self.sent(Self.message(200_000))
        var (position, sizes) = (0, [Int]())
        while position < bytes.count {
            let (count, isLast) = Frame.parse(Array(bytes[position..<position + 4])) ?? (0, true)
            sizes.append(count)
            position += 4 + count
            #expect(isLast == (position == bytes.count))
        }
        #expect(sizes == [65_536, 65_536, 65_536, 3_392])
    }

    @Test(arguments: [65_537, 1 << 30, Int(Int32.max)])
    func `a length that no frame has is refused before anything is reserved`(count: Int) {
        let word = UInt32(count)
        let head = (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * UInt32($0))) }
        #expect(Frame.parse(head) == nil)
        #expect(Self.received(head, piece: 4) == nil)
    }

    @Test func `a message that grows beyond its limit is refused`() {
        let bytes = Self.sent(Self.message(100_000))
        #expect(Self.received(bytes, piece: 4096, maximum: 100_000) != nil)
        #expect(Self.received(bytes, piece: 4096, maximum: 99_999) == nil)
    }

    @Test func `empty frames that go on are refused`() {
        #expect(Self.received(Frame.head(count: 0, isLast: false), piece: 4) == nil)
    }

    @Test func `bytes after the end are refused`() {
        #expect(Self.received(Self.sent([1, 2, 3]) + [0], piece: 100) == nil)
    }

    @Test func `half a message is none`() {
        let bytes = Self.sent(Self.message(100))
        for count in 0..<bytes.count { #expect(Self.received(Array(bytes[..<count]), piece: 10) == nil) }
    }
}
