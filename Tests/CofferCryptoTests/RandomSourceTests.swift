/// Drawing numbers evenly, and filling buffers.
import CofferCrypto
import CofferMemory
import TestSupport
import Testing

struct RandomSourceTests {
    @Test func `a draw below the even range is dropped and drawn again`() {
        // 2³² mod 10 is 6: draws 0 to 5 would make small digits likelier.
        let source = ScriptedRandom([0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 6, 0xFF, 0xFF, 0xFF, 0xFF])
        #expect(source.makeUniform(below: 10) == 6)
        #expect(source.remainingCount == 4)
        #expect(source.makeUniform(below: 10) == 5)
        #expect(source.remainingCount == 0)
    }

    @Test func `a bound that divides all draws drops none`() {
        #expect(ScriptedRandom([0, 0, 0, 0]).makeUniform(below: 256) == 0)
        #expect(ScriptedRandom([0x12, 0x34, 0x56, 0x78]).makeUniform(below: 256) == 0x78)
        #expect(ScriptedRandom([1, 2, 3, 4]).makeUniform(below: 1) == 0)
        #expect(ScriptedRandom([0, 0, 0, 0, 0x80, 0, 0, 0]).makeUniform(below: .max) == 0x8000_0000)
    }

    /// Chi-squared with 92 degrees of freedom passes 180 by chance once in some ten million runs.
    @Test func `numbers of the system's source fall evenly`() {
        let (bound, draws) = (93, 93_000)
        var counts = [Int](repeating: 0, count: bound)
        let source = SystemRandom()
        for _ in 0..<draws { counts[Int(source.makeUniform(below: UInt32(bound)))] += 1 }
        let expected = Double(draws) / Double(bound)
        let chiSquared = counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        print("Uniform draws: \(draws), chi-squared: \(chiSquared)")
        #expect(chiSquared < 180)
    }

    @Test func `buffers are filled to their last byte`() {
        let source = SystemRandom()
        // A byte that is zero in all of 20 buffers is not being filled (chance: 2⁻¹⁶⁰).
        var seen = [UInt8](repeating: 0, count: 100)
        for _ in 0..<20 { for (index, byte) in source.makeBytes(count: 100).enumerated() { seen[index] |= byte } }
        #expect(!seen.contains(0))
        var seenInSecret = [UInt8](repeating: 0, count: 33)
        for _ in 0..<20 {
            for (index, byte) in array(source.makeSecret(count: 33)).enumerated() { seenInSecret[index] |= byte }
        }
        #expect(!seenInSecret.contains(0))
        #expect(source.makeBytes(count: 0).isEmpty)
    }
}
