/// Tests that passwords have every kind of character, favour none, and are thrown away whole.
import CofferCLI
import CofferCrypto
import CofferMemory
import TestSupport
import Testing

struct PasswordGeneratorTests {
    private static let symbols = Set("+-.=_".utf8)
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.=_".utf8)

    private static func make(_ recipe: PasswordRecipe, _ random: some RandomSource) -> [UInt8]? {
        guard let password = PasswordGenerator.make(recipe, random: random) else { return nil }
        return array(password)
    }

    /// The numbers that make the generator draw this text.
    private static func script(_ text: String) -> [UInt32] {
        // Above 2³² mod 67 and 2³² mod 52, so that no draw is dropped, and equal to the index modulo both sizes.
        text.utf8.enumerated().map { position, byte in
            let size: UInt32 = position == 0 ? 52 : UInt32(alphabet.count)
            return size * 1000 + UInt32(alphabet.firstIndex(of: byte)!)
        }
    }

    @Test(arguments: [8, 24, 1024], [true, false])
    func `every password has every kind, its length, and a letter in front`(_ length: Int, _ symbols: Bool) throws {
        let random = SeededRandom()
        print("seed \(random.seed)")
        for _ in 0..<(length == 8 ? 500 : 50) {
            let password = try #require(Self.make(.characters(length: length, symbols: symbols), random))
            #expect(password.count == length)
            let allowed = symbols ? Self.alphabet : Array(Self.alphabet.prefix(62))
            #expect(password.allSatisfy { allowed.contains($0) })
            #expect(Self.alphabet.prefix(52).contains(password[0]))
            #expect(password.contains { (0x61...0x7A).contains($0) })
            #expect(password.contains { (0x41...0x5A).contains($0) })
            #expect(password.contains { (0x30...0x39).contains($0) })
            #expect(password.contains { Self.symbols.contains($0) } == symbols)
        }
    }

    @Test func `a password that lacks a kind is thrown away whole`() {
        let script = ScriptedRandom(
            Self.script("abcdefgh") + Self.script("ABCDEF1+") + Self.script("abcDEFG+") + Self.script("abcDEFG1")
                + Self.script("aB3.zzzz"))
        #expect(Self.make(.characters(length: 8, symbols: true), script) == Array("aB3.zzzz".utf8))
        #expect(script.remainingCount == 0)
    }

    @Test func `every character is as likely as any other where none is demanded`() throws {
        let random = SeededRandom()
        print("seed \(random.seed)")
        // In a long password the demand for every kind is met by nearly all, so it bends no share.
        var counts: [UInt8: Int] = [:]
        let length = 1024
        let runs = 60
        for _ in 0..<runs {
            for byte in try #require(Self.make(.characters(length: length, symbols: true), random)).dropFirst() {
                counts[byte, default: 0] += 1
            }
        }
        let expected = Double(runs * (length - 1)) / Double(Self.alphabet.count)
        let chiSquared = Self.alphabet.reduce(0.0) {
            let difference = Double(counts[$1] ?? 0) - expected
            return $0 + difference * difference / expected
        }
        // 66 degrees of freedom: one run in ten million exceeds 145.
        #expect(chiSquared < 145, "seed \(random.seed)")
    }

    @Test func `words are joined with hyphens`() {
        let random = ScriptedRandom([7776, 7777, 7776 + 7775, 7776 + 4000].map { 7776 * 10 + $0 })
        #expect(
            Self.make(.words(4), random).map { String(decoding: $0, as: UTF8.self) } == "abacus-abdomen-zoom-motivate")
    }

    @Test func `the list has 7,776 words in order, from abacus to zoom`() {
        // Every seventh word, the last of them the last of the list: counting them off takes its time in a debug build.
        let words = stride(from: 5, to: WordList.count, by: 7).map { index in
            var word = PrivateBuilder()
            WordList.append(wordAt: index, to: &word)
            return word.text()
        }
        #expect(words.first == "ability")
        #expect(words.last == "zoom")
        #expect(zip(words, words.dropFirst()).allSatisfy { $0 < $1 })
        #expect(words.allSatisfy { (3...9).contains($0.utf8.count) })
        #expect(words.allSatisfy { $0.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2D } })
    }

    @Test(arguments: [
        PasswordRecipe.characters(length: 7, symbols: true), .characters(length: 1025, symbols: false),
        .characters(length: -1, symbols: true), .characters(length: .max, symbols: true), .words(3), .words(0),
        .words(.max),
    ])
    func `a recipe outside its range makes nothing`(_ recipe: PasswordRecipe) {
        #expect(Self.make(recipe, SeededRandom()) == nil)
        #expect(PasswordGenerator.entropyBits(recipe) == 0)
    }

    @Test func `the strength counts only what can come out`() {
        #expect(abs(PasswordGenerator.entropyBits(.words(6)) - 77.5488) < 0.001)
        // By simulation: 52 · 67^7 drawn passwords of length 8, of which this share has every kind.
        let all = 5.700_440 + 7 * 6.066_089
        let bits = PasswordGenerator.entropyBits(.characters(length: 8, symbols: true))
        #expect(bits < all)
        let random = SeededRandom(seed: 7)
        var kept = 0
        let runs = 40_000
        for _ in 0..<runs {
            var password: [UInt8] = []
            for position in 0..<8 {
                password.append(Self.alphabet[Int(random.makeUniform(below: position == 0 ? 52 : 67))])
            }
            let hasAll =
                password.contains { (0x61...0x7A).contains($0) }
                && password.contains { (0x41...0x5A).contains($0) }
                && password.contains { (0x30...0x39).contains($0) }
                && password.contains { Self.symbols.contains($0) }
            if hasAll { kept += 1 }
        }
        // The base-2 logarithm of the share, from its natural value at one half.
        let share = Double(kept) / Double(runs)
        #expect(abs(exp2(bits - all) - share) < 0.015)
    }

    private func exp2(_ power: Double) -> Double {
        // Enough terms for powers between -4 and 0.
        var (term, sum) = (1.0, 1.0)
        for index in 1..<60 {
            term *= power * 0.693_147_180_559_945_3 / Double(index)
            sum += term
        }
        return sum
    }
}
