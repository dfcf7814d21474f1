/// The header's form and limits (docs/format.md, "Header").
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferModel
import TestSupport
import Testing

private func failure(_ bytes: [UInt8]) -> FormatError? {
    do throws(FormatError) {
        _ = try Header.parse(bytes.span)
        return nil
    } catch {
        return error
    }
}

/// A header around `body`, with a tag of zeros: parsing does not look at it.
private func header(_ body: Item) -> [UInt8] {
    let bytes = body.encoded
    return Header.magic + hex("0001 0001 00000000") + bigEndian(UInt32(bytes.count)) + bytes
        + [UInt8](repeating: 0, count: 32)
}

private func body(
    vaultID: Item = .bytes([UInt8](repeating: 1, count: 16)), epoch: Item = .number(1),
    check: Item = .bytes([UInt8](repeating: 2, count: 16)), slots: Item = .array([.raw(SlotForm().encoded)]),
    index: Item = .number(296), entries: Item = .number(0)
) -> Item {
    let pairs: [(UInt64, Item)] = [(0, vaultID), (1, epoch), (2, check), (3, slots), (4, index), (5, entries)]
    return .keyed(pairs)
}

private func slots(_ ids: [UInt8]) -> Item {
    .array(ids.map { number in .raw(SlotForm(id: [UInt8](repeating: number, count: 16)).encoded) })
}

struct HeaderTests {
    private let key = [UInt8](repeating: 9, count: 32)

    private func example(slots count: UInt8 = 2) throws -> Header {
        let slots = try (1...count).map { number -> KeySlot in
            let bytes = SlotForm(id: [UInt8](repeating: 100 - number, count: 16)).encoded
            return try KeySlot.parse(bytes.span)
        }
        return Header(
            context: VaultContext(vaultID: Array(0..<16), epoch: 77), epochCheck: Array(16..<32), slots: slots,
            indexCount: 552, entriesCount: 100_000)
    }

    private func serialized(_ header: Header) -> [UInt8] {
        header.serialized(key: HeaderKey(SecretBytes(copying: key)))
    }

    @Test func `a header is read back as it was written`() throws {
        for count: UInt8 in 1...8 {
            let written = try example(slots: count)
            let bytes = serialized(written)
            let read = try Header.parse(bytes.span)
            #expect(read == written)
            #expect(serialized(read) == bytes)
            #expect(read.slots.map { $0.parameters.id[0] } == (100 - count...99).map { $0 })
            let total = try Header.totalCount(fixedPart: Array(bytes[..<20]).span)
            #expect(total == bytes.count)
        }
    }

    @Test func `every bit of a header is under its tag`() throws {
        let bytes = serialized(try example())
        func isVerified(_ bytes: [UInt8], _ key: [UInt8]) -> Bool {
            Header.verifyTag(bytes.span, key: HeaderKey(SecretBytes(copying: key)))
        }
        #expect(isVerified(bytes, key))
        #expect(!isVerified(bytes, [UInt8](repeating: 8, count: 32)))
        #expect(!isVerified([UInt8](repeating: 0, count: 32), key))
        var flipped = 0
        for bit in 0..<bytes.count * 8 {
            var altered = bytes
            altered[bit / 8] ^= 1 << UInt8(bit % 8)
            if isVerified(altered, key) { Issue.record("bit \(bit) is not under the tag") }
            flipped += 1
        }
        print("header tag: \(flipped) bits flipped")
    }

    @Test func `what is no vault is told from a damaged one`() throws {
        let bytes = serialized(try example())
        for place in 0..<8 {
            var altered = bytes
            altered[place] ^= 1
            #expect(failure(altered) == .notAVault)
        }
        for count in 0..<bytes.count {
            #expect(failure(Array(bytes[..<count])) == (count < 8 ? .notAVault : .truncated), "\(count)")
        }
        #expect(failure(bytes + [0]) == .leftover)
    }

    @Test func `another version, suite or critical flag is not supported`() throws {
        let bytes = serialized(try example())
        for (place, name) in [(9, "format version 0"), (11, "cipher suite 0")] {
            var altered = bytes
            altered[place] = 0
            #expect(failure(altered) == .unsupported(name))
            altered[place] = 2
            #expect(failure(altered) == .unsupported(name.dropLast() + "2"))
        }
        for bit in 0..<32 {
            var altered = bytes
            altered[12 + bit / 8] |= 1 << UInt8(bit % 8)
            #expect(failure(altered) == .unsupported("a critical flag"))
        }
    }

    @Test func `a body over 64 KiB is refused by its length`() throws {
        var bytes = serialized(try example())
        bytes.replaceSubrange(16..<20, with: bigEndian(UInt32(65_537)))
        #expect(failure(bytes) == .limit("header body"))
        bytes.replaceSubrange(16..<20, with: bigEndian(UInt32(65_536)))
        #expect(failure(bytes) == .truncated)
        bytes.replaceSubrange(16..<20, with: bigEndian(UInt32.max))
        #expect(failure(bytes) == .limit("header body"))
    }

    @Test func `each value of the body has its form`() {
        #expect(failure(header(body())) == nil)
        let refused: [(Item, FormatError)] = [
            (body(vaultID: .bytes([1])), .unexpected), (body(vaultID: .text("0123456789abcdef")), .unexpected),
            (body(epoch: .number(0)), .unexpected), (body(epoch: .null), .unexpected),
            (body(check: .bytes([UInt8](repeating: 0, count: 17))), .unexpected),
            (body(slots: .array([])), .unexpected), (body(slots: .map([])), .unexpected),
            (body(index: .bytes([])), .unexpected), (body(entries: .flag(true)), .unexpected),
            (.array([]), .unexpected), (.keyed([]), .unexpected),
        ]
        for (body, error) in refused { #expect(failure(header(body)) == error, "\(body)") }
        let pairs: [(UInt64, Item)] = [
            (0, .bytes([UInt8](repeating: 1, count: 16))), (1, .number(1)),
            (2, .bytes([UInt8](repeating: 2, count: 16))), (3, slots([1])), (4, .number(296)), (5, .number(0)),
        ]
        for missing in pairs.indices {
            var some = pairs
            some.remove(at: missing)
            #expect(failure(header(.keyed(some))) == .unexpected)
            // A key that nobody knows in its place.
            some.append((6, .null))
            #expect(failure(header(.keyed(some))) == .unexpected)
        }
        #expect(failure(header(.keyed(pairs + [(6, .null)]))) == .unexpected)
        #expect(failure(header(.keyed([pairs[1], pairs[0]] + pairs[2...]))) != nil)
        #expect(failure(header(.raw(body().encoded + [0]))) == .leftover)
    }

    @Test func `there are one to eight slots, in order, none twice`() {
        #expect(failure(header(body(slots: slots(Array(1...8))))) == nil)
        #expect(failure(header(body(slots: slots(Array(1...9))))) == .limit("key slots in the header"))
        #expect(failure(header(body(slots: slots([1, 1])))) == .notCanonical)
        #expect(failure(header(body(slots: slots([2, 1])))) == .notCanonical)
    }

    @Test func `lengths that no file has are refused`() {
        let file = UInt64(Limits.file)
        for (index, entries) in [
            (file + 1, 0), (0, file + 1), (file, file), (.max, .max), (.max, 0), (file, 0), (1 << 63, 1 << 63),
        ] {
            let body = body(index: .number(index), entries: .number(entries))
            #expect(failure(header(body)) == .limit("file"), "\(index) \(entries)")
        }
        #expect(failure(header(body(index: .number(1 << 31), entries: .number(1 << 30)))) == nil)
    }

    @Test func `random and damaged headers never trap, and what is accepted encodes to itself`() throws {
        var random = SeededRandom()
        let whole = serialized(try example())
        var accepted = 0
        for round in 0..<6_000 {
            var bytes = whole.mutated(&random)
            if round % 3 == 0 { bytes = Array(whole[..<20]) + random.bytes(random.number(0...200)) }
            guard let read = try? Header.parse(bytes.span) else { continue }
            accepted += 1
            if read.encodedWithoutTag != Array(bytes.dropLast(32)) { Issue.record("\(bytes.hexadecimal)") }
        }
        print("headers: 6000 damaged, \(accepted) accepted, seed \(random.seed)")
    }
}

struct VaultContextTests {
    private let context = VaultContext(vaultID: Array(0..<16), epoch: 3)

    @Test func `associated data is the hash of its parts with their lengths`() throws {
        // coffer/1 · version · suite · vault id · epoch · kind · entry id · padded length, each after its length.
        let parts: [[UInt8]] = [
            Array("coffer/1".utf8), [0, 1], [0, 1], Array(0..<16), [0, 0, 0, 0, 0, 0, 0, 3], Array("entry".utf8),
            entryID(5).bytes, [0, 0, 0, 0, 0, 0, 1, 0],
        ]
        var message: [UInt8] = []
        for part in parts { message += [0, 0, 0, UInt8(part.count)] + part }
        #expect(context.entryAssociatedData(id: entryID(5), paddedCount: 256) == BLAKE2b.hash(message.span, count: 32))
    }

    @Test func `whatever differs in a box's place differs in its associated data`() throws {
        let other = VaultContext(vaultID: Array(1..<17), epoch: 3)
        let later = VaultContext(vaultID: Array(0..<16), epoch: 4)
        let hash = [UInt8](repeating: 5, count: 32)
        var all = [
            context.entryAssociatedData(id: entryID(5), paddedCount: 256),
            context.entryAssociatedData(id: entryID(6), paddedCount: 256),
            context.entryAssociatedData(id: entryID(5), paddedCount: 512),
            other.entryAssociatedData(id: entryID(5), paddedCount: 256),
            later.entryAssociatedData(id: entryID(5), paddedCount: 256),
            context.indexAssociatedData(headerHash: hash, paddedCount: 256),
            context.indexAssociatedData(headerHash: [UInt8](repeating: 6, count: 32), paddedCount: 256),
            context.indexAssociatedData(headerHash: hash, paddedCount: 512),
        ]
        let forms = [
            SlotForm(), SlotForm(id: [UInt8](repeating: 3, count: 16)), SlotForm(kdf: .number(2)),
            SlotForm(cost: .number(600_001)), SlotForm(salt: .bytes([UInt8](repeating: 7, count: 32))),
            SlotForm(flags: .number(1)), SlotForm(flags: .number(2)), .recovery,
            .argon2id(passes: 3, memoryKiB: 65_536),
            .argon2id(passes: 3, memoryKiB: 65_537),
        ]
        for form in forms {
            let slot = try KeySlot.parse(form.encoded.span)
            all.append(context.slotAssociatedData(slot.parameters))
        }
        #expect(Set(all).count == all.count)
    }
}
