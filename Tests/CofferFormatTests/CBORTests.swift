/// The decoder accepts deterministic CBOR and nothing else (RFC 8949 §4.2.1; docs/format.md, "CBOR").
import CofferFormat
import CofferModel
import TestSupport
import Testing

/// Why `bytes` are not exactly one item; nil when they are.
private func failure(_ bytes: [UInt8]) -> FormatError? {
    do throws(FormatError) {
        var cursor = CBORCursor(0..<bytes.count)
        try cursor.skip(bytes.span, depth: 0)
        try cursor.finish()
        return nil
    } catch {
        return error
    }
}

struct CBORTests {
    @Test(arguments: [
        // A longer integer than needed.
        ("1800", FormatError.notCanonical), ("1817", .notCanonical), ("190000", .notCanonical),
        ("1900ff", .notCanonical), ("1a00000000", .notCanonical), ("1a0000ffff", .notCanonical),
        ("1b0000000000000000", .notCanonical), ("1b00000000ffffffff", .notCanonical),
        // Lengths too.
        ("580100", .notCanonical), ("590001ff", .notCanonical), ("780161", .notCanonical), ("980100", .notCanonical),
        ("b8010000", .notCanonical), ("9a0000000100", .notCanonical),
        // Reserved and indefinite.
        ("1c", .notCanonical), ("1d", .notCanonical), ("1e", .notCanonical), ("1f", .notCanonical),
        ("5f4100ff", .notCanonical), ("7f6161ff", .notCanonical), ("9f00ff", .notCanonical),
        ("bf0000ff", .notCanonical),
        // Types that are not in use.
        ("20", .unexpected), ("3863", .unexpected), ("c000", .unexpected), ("d9d9f700", .unexpected),
        ("f90000", .unexpected), ("fa00000000", .unexpected), ("fb0000000000000000", .unexpected),
        ("f7", .unexpected), ("e0", .unexpected), ("f3", .unexpected), ("f814", .unexpected), ("f8ff", .unexpected),
        ("ff", .unexpected), ("81ff", .unexpected),
        // Keys out of order, and twice.
        ("a201000000", .notCanonical), ("a200000000", .notCanonical), ("a262616100616200", .notCanonical),
        ("a2f400f400", .notCanonical), ("a24100000000", .notCanonical), ("a2616100181800", .notCanonical),
        // Ends inside.
        ("", .truncated), ("18", .truncated), ("19ff", .truncated), ("1affffff", .truncated),
        ("1bffffffffffffff", .truncated), ("41", .truncated), ("58", .truncated), ("420a", .truncated),
        ("61", .truncated), ("81", .truncated), ("8200", .truncated), ("a1", .truncated),
        ("a100", .truncated), ("a2000001", .truncated),
        // Goes on.
        ("0000", .leftover), ("4000", .leftover), ("8000", .leftover), ("f6f6", .leftover),
        // No UTF-8: lone bytes, overlong, surrogate, beyond Unicode, cut off.
        ("61ff", .invalidText), ("6180", .invalidText), ("62c080", .invalidText), ("63eda080", .invalidText),
        ("64f4908080", .invalidText), ("61c3", .invalidText), ("62c328", .invalidText),
    ])
    func `a spelling that is not the canonical one is refused`(bytes: String, error: FormatError) {
        #expect(failure(hex(bytes)) == error, "\(bytes)")
    }

    @Test(arguments: ["5", "7", "9", "b"])
    func `lengths of -1, 2³¹ and 2⁶³ are refused before anything is reserved`(major: String) {
        for length in [
            "a80000000", "affffffff", "b8000000000000000", "bffffffffffffffff", "b7fffffffffffffff",
            "b0000000100000000",
        ] {
            #expect(failure(hex(major + length + "00")) == .truncated, "\(major + length)")
        }
    }

    @Test(arguments: [
        ("00", Item.number(0)), ("17", .number(23)), ("1818", .number(24)), ("18ff", .number(255)),
        ("190100", .number(256)), ("1a00010000", .number(65_536)), ("1b0000000100000000", .number(1 << 32)),
        ("1bffffffffffffffff", .number(.max)), ("40", .bytes([])), ("430a0b0c", .bytes([10, 11, 12])),
        ("60", .text("")), ("62c3a9", .text("é")), ("80", .array([])), ("8201f6", .array([.number(1), .null])),
        ("a0", .map([])), ("a2000161626163", .map([(.number(0), .number(1)), (.text("b"), .text("c"))])),
        ("f4", .flag(false)), ("f5", .flag(true)),
    ])
    func `the canonical spelling is read and written`(bytes: String, item: Item) throws {
        #expect(failure(hex(bytes)) == nil)
        #expect(item.encoded == hex(bytes))
        var cursor = CBORCursor(0..<hex(bytes).count)
        #expect(try Item.read(hex(bytes), &cursor) == item)
    }

    @Test func `sixteen arrays or maps nest, seventeen do not`() {
        let limit = FormatError.limit("CBOR nesting")
        #expect(failure([UInt8](repeating: 0x81, count: 16) + [0]) == nil)
        #expect(failure([UInt8](repeating: 0x81, count: 17) + [0]) == limit)
        let maps = [[UInt8]](repeating: [0xA1, 0], count: 16).reduce([], +)
        #expect(failure(maps + [0]) == nil)
        #expect(failure(maps + [0xA0]) == limit)
        #expect(failure(maps + [0x80]) == limit)
        // A nesting that would fill any stack.
        #expect(failure([UInt8](repeating: 0x81, count: 1_000_000)) == limit)
    }

    @Test func `whatever is written is read back, and reads to the same bytes`() throws {
        var random = SeededRandom()
        print("CBOR items: seed \(random.seed)")
        for _ in 0..<3_000 {
            let item = Item.random(&random)
            let bytes = item.encoded
            #expect(failure(bytes) == nil, "\(bytes.hexadecimal)")
            var cursor = CBORCursor(0..<bytes.count)
            #expect(try Item.read(bytes, &cursor).encoded == bytes)
            #expect(cursor.isAtEnd)
        }
        print("CBOR items: 3000 round trips")
    }

    @Test func `random and damaged bytes never trap, and what is accepted encodes to itself`() throws {
        var random = SeededRandom()
        var (cases, accepted) = (0, 0)
        for round in 0..<20_000 {
            let bytes =
                round % 2 == 0 ? random.bytes(random.number(0...24)) : Item.random(&random).encoded.mutated(&random)
            cases += 1
            guard failure(bytes) == nil else { continue }
            accepted += 1
            var cursor = CBORCursor(0..<bytes.count)
            let item = try Item.read(bytes, &cursor)
            if item.encoded != bytes { Issue.record("\(bytes.hexadecimal), seed \(random.seed)") }
        }
        print("CBOR: \(cases) random and damaged cases, \(accepted) accepted, seed \(random.seed)")
        #expect(accepted > 1_000)
    }

    @Test func `a type that was not asked for is refused and not read`() {
        let bytes = hex("00")
        var cursor = CBORCursor(0..<1)
        #expect(refused { () throws(FormatError) in _ = try cursor.byteString(bytes.span) } == .unexpected)
        #expect(refused { () throws(FormatError) in _ = try cursor.text(bytes.span) } == .unexpected)
        #expect(refused { () throws(FormatError) in _ = try cursor.array(bytes.span, atMost: 9) } == .unexpected)
        #expect(refused { () throws(FormatError) in _ = try cursor.map(bytes.span, atMost: 9) } == .unexpected)
        #expect(refused { () throws(FormatError) in _ = try cursor.flag(bytes.span) } == .unexpected)
        #expect(refused { () throws(FormatError) in try cursor.null(bytes.span) } == .unexpected)
        #expect(cursor.position == 0)
    }

    @Test func `a byte string of another length and too many items are refused`() {
        let string = hex("4100")
        var cursor = CBORCursor(0..<2)
        #expect(refused { () throws(FormatError) in _ = try cursor.byteString(string.span, count: 2) } == .unexpected)
        let array = hex("820000")
        cursor = CBORCursor(0..<3)
        let error = refused { () throws(FormatError) in _ = try cursor.array(array.span, atMost: 1) }
        #expect(error == .unexpected)
    }

    private func refused(_ body: () throws(FormatError) -> Void) -> FormatError? {
        do throws(FormatError) {
            try body()
            return nil
        } catch {
            return error
        }
    }
}
