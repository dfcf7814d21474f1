/// How much one unlock may compute (docs/format.md, "Key slots").
import CofferFormat
import CofferVault
import Testing

struct UnlockBudgetTests {
    @Test(arguments: [
        SlotKDF.pbkdf2HMACSHA512(iterations: 20_000_000), .pbkdf2HMACSHA256(iterations: 20_000_000),
        .argon2id(passes: 20, memoryKiB: 2_097_152),
    ]) func `four slots of the highest cost are tried, and not a fifth`(kdf: SlotKDF) {
        var budget = UnlockBudget()
        #expect((0..<5).map { _ in budget.take(kdf) } == [true, true, true, true, false])
        // What is cheap enough still is.
        let rest = budget.take(.pbkdf2HMACSHA512(iterations: 1))
        #expect(!rest)
        let free = budget.take(.none)
        #expect(free)
    }

    @Test func `eight slots of an ordinary cost are tried`() {
        var budget = UnlockBudget()
        let taken = (0..<8).map { _ in budget.take(.pbkdf2HMACSHA512(iterations: 5_000_000)) }
        #expect(taken.allSatisfy { $0 })
    }
}
