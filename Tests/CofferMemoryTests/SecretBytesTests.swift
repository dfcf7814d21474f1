/// What secret memory holds: zeros at first, then what was written, in the places it was written to.
import CofferMemory
import Testing

struct SecretBytesTests {
    @Test func `a new buffer holds zeros`() {
        let secret = SecretBytes(zeroed: 70_000)
        var other = 0
        for index in 0..<secret.count where secret.span[index] != 0 { other += 1 }
        #expect(other == 0)
    }

    @Test func `more short secrets than the pool has slots keep to themselves, and a slot given back is zeros`() {
        for round in 0..<3 {
            var secrets: [SecretSlice] = []
            for number in 0..<200 {
                let fresh = SecretBytes(zeroed: 256)
                var other = 0
                for index in 0..<fresh.count where fresh.span[index] != 0 { other += 1 }
                #expect(other == 0, "round \(round), secret \(number)")
                secrets.append(SecretSlice(copying: [UInt8](repeating: UInt8(number), count: 1 + number)))
            }
            for number in 0..<200 {
                let held = secrets[number]
                let isOwn = held == SecretSlice(copying: [UInt8](repeating: UInt8(number), count: 1 + number))
                #expect(isOwn, "round \(round), secret \(number)")
            }
        }
    }

    @Test func `an empty buffer is allowed`() {
        let secret = SecretBytes(copying: [])
        #expect(secret.count == 0)
        #expect(bytes(of: secret.span).isEmpty)
    }

    @Test func `bytes are written where they should be`() {
        var secret = SecretBytes(zeroed: 6)
        secret.write(SecretBytes(copying: [1, 2, 3]).span, at: 2)
        #expect(bytes(of: secret.span) == [0, 0, 1, 2, 3, 0])
    }

    @Test func `a prefix holds the first bytes only`() {
        let start = SecretBytes(copying: [1, 2, 3, 4]).prefix(2)
        #expect(bytes(of: start.span) == [1, 2])
    }

    @Test func `comparing tells different bytes and different lengths`() {
        func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
            let first = SecretBytes(copying: left)
            let second = SecretBytes(copying: right)
            return constantTimeEqual(first.span, second.span)
        }
        #expect(equal([1, 2, 3], [1, 2, 3]))
        #expect(!equal([1, 2, 3], [1, 2, 4]))
        #expect(!equal([1, 2, 3], [1, 2]))
        #expect(equal([], []))
    }

    @Test func `a slice shows its own part of the arena`() {
        let whole = SecretSlice(copying: [1, 2, 3, 4, 5])
        let part = whole.extracting(1..<4)
        #expect(part == SecretSlice(copying: [2, 3, 4]))
        #expect(part.extracting(1..<2) == SecretSlice(copying: [3]))
        #expect(whole.extracting(5..<5).count == 0)
    }

    @Test func `a builder collects bytes beyond its first capacity`() {
        var builder = SecretBuilder(capacity: 16)
        for value in 0..<100 { builder.append(UInt8(value)) }
        builder.append("end")
        let finished = builder.finish()
        #expect(bytes(of: finished.span) == Array(0..<100) + Array("end".utf8))
    }

    /// A copy for comparing: what these tests hold is not secret.
    private func bytes(of span: borrowing Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        for index in 0..<span.count { bytes.append(span[index]) }
        return bytes
    }
}
