/// A key slot's form and costs (docs/format.md, "Key slot").
import CofferFormat
import TestSupport
import Testing

/// A slot to be written, right or wrong.
struct SlotForm {
    var id = [UInt8](repeating: 1, count: 16)
    var role = Item.number(1)
    var kdf = Item.number(1)
    var cost: Item? = .number(600_000)
    var memory: Item?
    var salt = Item.bytes([UInt8](repeating: 4, count: 32))
    var flags = Item.number(0)
    var commitment = Item.bytes([UInt8](repeating: 5, count: 32))
    var wrappedKey = Item.bytes([UInt8](repeating: 6, count: 48))

    static func argon2id(passes: UInt64, memoryKiB: UInt64, flags: UInt64 = 0) -> SlotForm {
        SlotForm(
            kdf: .number(3), cost: .number(passes), memory: .number(memoryKiB),
            salt: .bytes([UInt8](repeating: 4, count: 16)), flags: .number(flags))
    }

    static var recovery: SlotForm { SlotForm(role: .number(2), kdf: .number(4), cost: nil) }

    var pairs: [(UInt64, Item)] {
        var pairs: [(UInt64, Item)] = [(0, .bytes(id)), (1, role), (2, kdf)]
        if let cost { pairs.append((3, cost)) }
        if let memory { pairs.append((4, memory)) }
        return pairs + [(5, salt), (6, flags), (7, commitment), (8, wrappedKey)]
    }

    var encoded: [UInt8] { Item.keyed(pairs).encoded }
}

private func failure(_ bytes: [UInt8]) -> FormatError? {
    do throws(FormatError) {
        _ = try KeySlot.parse(bytes.span)
        return nil
    } catch {
        return error
    }
}

private func failure(_ form: SlotForm) -> FormatError? { failure(form.encoded) }

struct KeySlotTests {
    @Test func `a slot is read back as it was written`() throws {
        let forms: [SlotForm] = [
            SlotForm(), SlotForm(kdf: .number(2)), SlotForm(cost: .number(20_000_000)), SlotForm(flags: .number(1)),
            SlotForm(cost: .number(1), flags: .number(2)), SlotForm(cost: .number(1), flags: .number(3)), .recovery,
            .argon2id(passes: 1, memoryKiB: 65_536), .argon2id(passes: 20, memoryKiB: 2_097_152),
            .argon2id(passes: 1, memoryKiB: 8, flags: 2),
        ]
        for form in forms {
            let slot = try KeySlot.parse(form.encoded.span)
            #expect(slot.encoded == form.encoded)
        }
        let argon2id = try KeySlot.parse(SlotForm.argon2id(passes: 3, memoryKiB: 70_000).encoded.span)
        #expect(argon2id.parameters.kdf == .argon2id(passes: 3, memoryKiB: 70_000))
        let recovery = try KeySlot.parse(SlotForm.recovery.encoded.span)
        #expect(recovery.parameters.kdf == .none)
        #expect(recovery.parameters.role == .recovery)
    }

    @Test(arguments: [UInt64(1), 2])
    func `iterations outside the limits are refused, whatever the KDF is to compute`(kdf: UInt64) {
        let refusal = FormatError.unsupported("the number of iterations of a key slot")
        for cost: UInt64 in [0, 1, 599_999, 20_000_001, 0xFFFF_FFFF, 0x1_0000_0000, 1 << 63, .max] {
            #expect(failure(SlotForm(kdf: .number(kdf), cost: .number(cost))) == refusal, "\(cost)")
        }
        for cost: UInt64 in [600_000, 600_001, 20_000_000] {
            #expect(failure(SlotForm(kdf: .number(kdf), cost: .number(cost))) == nil, "\(cost)")
        }
        // A slot for tests may cost less, not nothing and not more.
        for cost: UInt64 in [1, 599_999, 20_000_000] {
            #expect(failure(SlotForm(kdf: .number(kdf), cost: .number(cost), flags: .number(2))) == nil)
        }
        for cost: UInt64 in [0, 20_000_001, 0xFFFF_FFFF] {
            #expect(failure(SlotForm(kdf: .number(kdf), cost: .number(cost), flags: .number(2))) == refusal)
        }
        // The key-file flag lowers nothing.
        #expect(failure(SlotForm(kdf: .number(kdf), cost: .number(1), flags: .number(1))) == refusal)
    }

    @Test func `passes and memory outside the limits are refused`() {
        let passes = FormatError.unsupported("the number of passes of a key slot")
        let memory = FormatError.unsupported("the memory of a key slot")
        for count: UInt64 in [0, 21, 0xFFFF_FFFF, .max] {
            #expect(failure(.argon2id(passes: count, memoryKiB: 65_536)) == passes)
            #expect(failure(.argon2id(passes: count, memoryKiB: 65_536, flags: 2)) == passes)
        }
        for size: UInt64 in [0, 8, 65_535, 2_097_153, 0xFFFF_FFFF, .max] {
            #expect(failure(.argon2id(passes: 1, memoryKiB: size)) == memory)
        }
        for size: UInt64 in [0, 7, 2_097_153] {
            #expect(failure(.argon2id(passes: 1, memoryKiB: size, flags: 2)) == memory)
        }
    }

    @Test func `a missing or needless parameter is an error, never a default`() {
        let missing = FormatError.unsupported("a key slot without its cost")
        for kdf: UInt64 in 1...3 {
            #expect(failure(SlotForm(kdf: .number(kdf), cost: nil)) == missing)
            #expect(failure(SlotForm(kdf: .number(kdf), cost: nil, flags: .number(2))) == missing)
        }
        var argon2id = SlotForm.argon2id(passes: 1, memoryKiB: 65_536)
        argon2id.memory = nil
        #expect(failure(argon2id) == missing)
        #expect(failure(SlotForm(memory: .number(65_536))) == missing)
        var recovery = SlotForm.recovery
        recovery.cost = .number(600_000)
        #expect(failure(recovery) == .unsupported("the KDF of a key slot"))
    }

    @Test func `unknown roles, KDFs and flags are not supported`() {
        for role: UInt64 in [0, 3, 255, 256, .max] {
            #expect(failure(SlotForm(role: .number(role))) == .unsupported("the role of a key slot"))
        }
        for kdf: UInt64 in [0, 5, .max] {
            #expect(failure(SlotForm(kdf: .number(kdf))) == .unsupported("the KDF of a key slot"))
        }
        for flags: UInt64 in [4, 7, 255, 256, 1 << 40, .max] {
            #expect(failure(SlotForm(flags: .number(flags))) == .unsupported("a flag of a key slot"))
        }
    }

    @Test func `a role has its KDFs`() {
        let refusal = FormatError.unsupported("the KDF of a key slot for its role")
        #expect(failure(SlotForm(role: .number(2))) == refusal)
        #expect(failure(SlotForm(kdf: .number(4), cost: nil)) == refusal)
        for flags: UInt64 in 1...3 {
            var recovery = SlotForm.recovery
            recovery.flags = .number(flags)
            #expect(failure(recovery) == refusal)
        }
    }

    @Test func `each value has its type and length`() {
        func bytes(_ count: Int) -> Item { .bytes([UInt8](repeating: 0, count: count)) }
        let wrong: [SlotForm] = [
            SlotForm(id: [1]), SlotForm(id: [UInt8](repeating: 1, count: 17)), SlotForm(role: .text("1")),
            SlotForm(kdf: .null), SlotForm(cost: .bytes([])), SlotForm(salt: bytes(31)), SlotForm(salt: bytes(16)),
            SlotForm(flags: .flag(false)), SlotForm(commitment: bytes(31)), SlotForm(commitment: bytes(33)),
            SlotForm(wrappedKey: bytes(47)), SlotForm(wrappedKey: bytes(49)), SlotForm(wrappedKey: .null),
        ]
        for form in wrong { #expect(failure(form) == .unexpected, "\(form)") }
        var argon2id = SlotForm.argon2id(passes: 1, memoryKiB: 65_536)
        argon2id.salt = bytes(32)
        #expect(failure(argon2id) == .unexpected)
    }

    @Test func `keys are there once, in order, and no others`() {
        let pairs = SlotForm().pairs
        for missing in pairs.indices where pairs[missing].0 != 3 {
            var some = pairs
            some.remove(at: missing)
            #expect(failure(Item.keyed(some).encoded) == .unexpected, "\(pairs[missing].0)")
        }
        #expect(failure(Item.keyed(pairs + [(9, .null)]).encoded) == .unexpected)
        #expect(failure(SlotForm().encoded + [0]) == .leftover)
        #expect(failure(Item.array([]).encoded) == .unexpected)
    }

    @Test func `random and damaged slots never trap, and what is accepted encodes to itself`() {
        var random = SeededRandom()
        var accepted = 0
        for _ in 0..<6_000 {
            let bytes = [SlotForm(), .recovery, .argon2id(passes: 2, memoryKiB: 65_536)]
                .randomElement(using: &random)!.encoded.mutated(&random)
            guard let slot = try? KeySlot.parse(bytes.span) else { continue }
            accepted += 1
            if slot.encoded != bytes { Issue.record("\(bytes)") }
        }
        print("key slots: 6000 damaged, \(accepted) accepted, seed \(random.seed)")
    }
}
