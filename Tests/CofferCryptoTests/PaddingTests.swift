/// Sizes of padded content, and that only what padding makes is accepted.
import CofferCrypto
import TestSupport
import Testing

struct PaddingTests {
    @Test func `the sizes are powers of two up to 64 KiB and those of Padmé above`() {
        let rows: [(content: Int, padded: Int?)] = [
            (0, 256), (252, 256), (253, 512), (508, 512), (509, 1024), (65_532, 65_536), (65_533, 67_584),
            (65_536, 67_584), (100_000, 100_352), (1_000_000, 1_015_808), (25_000_000, 25_165_824),
            (4_294_967_291, 4_294_967_296), (4_294_967_292, 4_294_967_296), (4_294_967_293, nil), (-1, nil),
            (.max, nil), (.min, nil),
        ]
        for row in rows { #expect(Padding.paddedCount(for: row.content) == row.padded, "\(row)") }
        print("Padding, rows: \(rows.count)")
    }

    @Test func `a padded size holds its content, grows with it and pads to itself`() throws {
        var random = SeededRandom()
        print("Padding, seed: \(random.seed)")
        for _ in 0..<20_000 {
            let content = Int.random(in: 0...(1 << Int.random(in: 0...31, using: &random)), using: &random)
            let padded = try #require(Padding.paddedCount(for: content))
            #expect(padded >= content + Padding.prefixCount)
            #expect(Padding.paddedCount(for: padded - Padding.prefixCount) == padded, "\(content)")
            let next = try #require(Padding.paddedCount(for: content + 1))
            #expect(next >= padded)
            if padded > 65_536 { #expect(Double(padded) <= 1.12 * Double(content + Padding.prefixCount)) }
        }
    }

    @Test func `content comes back from its padding`() throws {
        for count in [0, 1, 251, 252, 253, 65_532, 65_533, 300_000] {
            let padded = try padded(count)
            #expect(try Padding.contentRange(in: padded.span) == 4..<4 + count)
        }
    }

    @Test func `any byte after the content that is not zero is refused`() throws {
        let good = try padded(100)
        for position in 104..<256 {
            var bad = good
            bad[position] = 1
            #expect(failure(bad) == .paddingInvalid, "\(position)")
        }
    }

    @Test func `a length that makes another size is refused`() throws {
        var tooLong = try padded(100)
        tooLong[2] = 1
        #expect(failure(tooLong) == .paddingInvalid)
        var farTooLong = try padded(100)
        farTooLong[0] = 0xFF
        #expect(failure(farTooLong) == .paddingInvalid)
        var shorterThanItsSize = [UInt8](repeating: 0, count: 512)
        shorterThanItsSize[3] = 100
        #expect(failure(shorterThanItsSize) == .paddingInvalid)
    }

    @Test func `fewer bytes than the smallest size are refused`() {
        for count in 0..<256 { #expect(failure([UInt8](repeating: 0, count: count)) == .paddingInvalid) }
    }

    private func padded(_ count: Int) throws -> [UInt8] {
        var padded = [UInt8](repeating: 0, count: try #require(Padding.paddedCount(for: count)))
        var target = padded.mutableSpan
        Padding.writePrefix(contentCount: count, into: &target)
        for index in 4..<4 + count { padded[index] = 0xAB }
        return padded
    }

    private func failure(_ padded: [UInt8]) -> CryptoError? {
        do {
            _ = try Padding.contentRange(in: padded.span)
            return nil
        } catch { return error }
    }
}
