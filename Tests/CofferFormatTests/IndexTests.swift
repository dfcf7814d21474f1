/// The index's form: records, sums, and overviews (docs/format.md, "Index").
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferMerge
import CofferModel
import TestSupport
import Testing

private let framesOffset = 1000

private func parse(_ content: [UInt8], framesCount: Int) throws(FormatError) -> Index {
    var bytes = PrivateBytes(zeroed: content.count)
    bytes.write(content.span, at: 0)
    return try Index.parse(bytes, content: 0..<content.count, framesOffset: framesOffset, framesCount: framesCount)
}

private func failure(_ content: [UInt8], framesCount: Int = 0) -> FormatError? {
    do throws(FormatError) {
        _ = try parse(content, framesCount: framesCount)
        return nil
    } catch {
        return error
    }
}

private func index(settings: Item = .array([]), registry: Item = .array([]), records: [Item]) -> [UInt8] {
    Item.keyed([(0, settings), (1, registry), (2, .array(records))]).encoded
}

private func record(_ number: UInt8, boxCount: UInt64 = 296, overview: Item = .map([])) -> Item {
    .array([
        .bytes(entryID(number).bytes), .number(boxCount), .bytes([UInt8](repeating: number, count: 32)), overview,
    ])
}

/// Why an overview is refused; nil when it is not.
private func overviewFailure(_ pairs: [(UInt64, Item)]) -> FormatError? {
    failure(index(records: [record(1, overview: .keyed(pairs))]), framesCount: 316)
}

struct IndexTests {
    @Test func `records lie one behind the other, in the order of their ids`() throws {
        let content = index(records: [record(1, boxCount: 296), record(2, boxCount: 552), record(9, boxCount: 296)])
        let parsed = try parse(content, framesCount: 296 + 552 + 296 + 60)
        #expect(parsed.records.map(\.frameOffset) == [1000, 1316, 1888])
        #expect(parsed.records.map(\.frameEnd) == [1316, 1888, 2204])
        #expect(parsed.position(of: entryID(2)) == 1)
        #expect(parsed.position(of: entryID(3)) == nil)
    }

    @Test func `an index vouches for the box that its record pins, and for no other`() throws {
        let box = [UInt8](repeating: 9, count: 296)
        let pinned: Item = .array([
            .bytes(entryID(1).bytes), .number(296), .bytes(BLAKE2b.hash(box.span, count: 32)), .map([]),
        ])
        let parsed = try parse(index(records: [pinned, record(2)]), framesCount: 632)
        let isPinned = parsed.vouches(for: box.span, of: parsed.records[0])
        let isOther = parsed.vouches(for: box.span, of: parsed.records[1])
        #expect(isPinned && !isOther)
        for position in box.indices {
            var changed = box
            changed[position] ^= 1
            let isVouchedFor = parsed.vouches(for: changed.span, of: parsed.records[0])
            #expect(!isVouchedFor)
        }
        let isShorterVouchedFor = parsed.vouches(for: Array(box.dropLast()).span, of: parsed.records[0])
        #expect(!isShorterVouchedFor)
    }

    @Test func `frames that do not end where the entries end are refused`() {
        let two = index(records: [record(1), record(2)])
        #expect(failure(two, framesCount: 632) == nil)
        #expect(failure(two, framesCount: 633) == .leftover)
        #expect(failure(two, framesCount: 631) == .truncated)
        #expect(failure(two, framesCount: 0) == .truncated)
        #expect(failure(index(records: []), framesCount: 1) == .leftover)
        // The first box takes all there is, and leaves less than nothing for the second.
        for count: UInt64 in [612, 613, 620, 632] {
            #expect(failure(index(records: [record(1, boxCount: count), record(2)]), framesCount: 632) == .truncated)
        }
        for count: UInt64 in [1 << 31, 1 << 32, 1 << 63, .max] {
            #expect(failure(index(records: [record(1, boxCount: count)]), framesCount: 316) == .truncated)
            #expect(failure(index(records: [record(1), record(2, boxCount: count)]), framesCount: 632) == .truncated)
        }
    }

    @Test func `records out of order or twice are refused`() {
        #expect(failure(index(records: [record(2), record(1)]), framesCount: 632) == .notCanonical)
        #expect(failure(index(records: [record(1), record(1)]), framesCount: 632) == .notCanonical)
    }

    @Test func `a record has its four parts`() {
        let parts: [Item] = [
            .bytes(entryID(1).bytes), .number(296), .bytes([UInt8](repeating: 1, count: 32)), .map([]),
        ]
        for missing in parts.indices {
            var some = parts
            some.remove(at: missing)
            #expect(failure(index(records: [.array(some)]), framesCount: 316) == .unexpected)
            some.insert(.null, at: missing)
            #expect(failure(index(records: [.array(some)]), framesCount: 316) == .unexpected)
        }
        #expect(failure(index(records: [.array(parts + [.null])]), framesCount: 316) == .unexpected)
    }

    @Test func `an index has its three parts and no more`() {
        let pairs: [(UInt64, Item)] = [(0, .array([])), (1, .array([])), (2, .array([]))]
        #expect(failure(Item.keyed(pairs).encoded) == nil)
        for missing in pairs.indices {
            var some = pairs
            some.remove(at: missing)
            #expect(failure(Item.keyed(some).encoded) == .unexpected)
            #expect(failure(Item.keyed(some + [(3, .array([]))]).encoded) == .unexpected)
        }
        #expect(failure(Item.keyed(pairs + [(3, .null)]).encoded) == .unexpected)
        #expect(failure(Item.keyed(pairs).encoded + [0]) == .leftover)
    }

    @Test func `more than a million entries are refused before they are looked at`() {
        let head: [UInt8] = [0xA3, 0x00, 0x80, 0x01, 0x80, 0x02, 0x9A] + bigEndian(UInt32(1_000_001))
        #expect(failure(head + [UInt8](repeating: 0, count: 1_000_001)) == .limit("entries"))
    }

    @Test func `the registry holds roles and the settings hold texts`() throws {
        func versions(_ field: Item) -> Item { .array([VersionForm(1, field, value: .bytes([1])).item]) }
        #expect(failure(index(registry: versions(.number(1)), records: [])) == nil)
        #expect(failure(index(registry: versions(.number(2)), records: [])) == nil)
        #expect(failure(index(settings: versions(.text("theme")), records: [])) == nil)
        for field in [.number(0), .number(3), .number(8), .text("1"), .array([.number(3), .bytes([1])])] as [Item] {
            #expect(failure(index(registry: versions(field), records: [])) == .unexpected)
        }
        #expect(failure(index(settings: versions(.number(1)), records: [])) == .unexpected)
        // Replaced slots keep no content, replaced settings do.
        let replaced: Item = .array([VersionForm(1).item, VersionForm(2, replaces: [1]).item])
        #expect(failure(index(registry: replaced, records: [])) == .notCanonical)
        let trimmed: Item = .array([VersionForm(1).trimmed.item, VersionForm(2, replaces: [1]).item])
        #expect(failure(index(registry: trimmed, records: [])) == nil)
    }

    @Test func `an index is written back to the same bytes, kept records and new ones alike`() throws {
        let content = index(
            settings: .array([VersionForm(3, .text("theme"), value: .text("dark")).item]),
            registry: .array([VersionForm(1, value: .bytes([1])).item]),
            records: [
                record(1, overview: .keyed([(0, .text("Bank")), (7, .number(3))])), record(2), record(3),
            ])
        let parsed = try parse(content, framesCount: 948)
        let settings = parsed.settings
        let registry = parsed.registry
        func written(_ sources: [IndexRecordSource]) throws -> [UInt8] {
            var box: [UInt8] = []
            switch Index.serializeForSealing(settings: settings, registry: registry, records: sources, old: parsed) {
            case .some(let bytes): for index in bytes.span.indices { box.append(bytes.span[index]) }
            case .none: Issue.record("an index of three records is not too large")
            }
            let padded = Array(box[SealedBox.contentRange(ofBoxCount: box.count)])
            let range = try Padding.contentRange(in: padded.span)
            return Array(padded[range])
        }
        #expect(try written([.kept(0), .kept(1), .kept(2)]) == content)
        var overview = Overview()
        overview.title = "Bank"
        overview.createdSeconds = 3
        overview.modifiedSeconds = 3
        let new = IndexRecordSource.written(
            id: entryID(1), boxCount: 296, hash: [UInt8](repeating: 1, count: 32), overview: overview)
        #expect(try written([new, .kept(1), .kept(2)]) == content)
        let isHeld = parsed.holds(overview, parsed.records[0])
        overview.title = "Bank "
        let isOtherHeld = parsed.holds(overview, parsed.records[0])
        #expect(isHeld && !isOtherHeld)
    }

    @Test func `random and damaged indexes never trap`() throws {
        var random = SeededRandom()
        let whole = index(
            registry: .array([VersionForm(1, value: .bytes([1])).item]),
            records: [
                record(1, overview: .keyed([(0, .text("Bank")), (2, .array([.text("a")])), (7, .number(3))])),
                record(2),
            ])
        var accepted = 0
        for round in 0..<8_000 {
            let bytes = round % 4 == 0 ? random.bytes(random.number(0...80)) : whole.mutated(&random)
            if failure(bytes, framesCount: 632) == nil { accepted += 1 }
        }
        print("indexes: 8000 random and damaged cases, \(accepted) accepted, seed \(random.seed)")
    }
}

struct OverviewCodingTests {
    @Test func `overviews are read back as they were written`() throws {
        var random = SeededRandom()
        func texts() -> [String] {
            var texts: Set<[UInt8]> = []
            for _ in 0..<random.number(0...3) { texts.insert(Array(random.text().utf8)) }
            return texts.sorted { $0.lexicographicallyPrecedes($1) }.map { String(decoding: $0, as: UTF8.self) }
        }
        for _ in 0..<1_000 {
            var overview = Overview()
            overview.title = random.text()
            overview.username = Bool.random(using: &random) ? random.text() : nil
            overview.urls = texts()
            overview.tags = texts()
            overview.template = Bool.random(using: &random) ? "login" : nil
            overview.fields = texts().filter { !$0.isEmpty }.sorted { FieldName.custom($0) < .custom($1) }
                .map { .init(name: $0, text: "value") }
            overview.has = .init(rawValue: UInt64(random.number(0...15)))
            overview.createdSeconds = UInt64(random.number(0...2))
            overview.modifiedSeconds = overview.createdSeconds + UInt64(random.number(0...2))
            overview.codes = .init(activeSets: UInt64(random.number(0...1)), unused: UInt64(random.number(0...20)))
            overview.conflicts = Bool.random(using: &random) ? [.password, .custom("x")] : []
            overview.state = [.live, .trash, .purged].randomElement(using: &random)!
            overview.joinedInto = Bool.random(using: &random) ? [entryID(1), entryID(2)] : []
            var sink = ArraySink()
            OverviewCoding.encode(overview, into: &sink)
            let parsed = try parse(index(records: [record(1, overview: .raw(sink.bytes))]), framesCount: 316)
            let read = try parsed.overview(parsed.records[0])
            let isHeld = parsed.holds(overview, parsed.records[0])
            #expect(read == overview, "seed \(random.seed)")
            #expect(isHeld)
        }
        print("overviews: 1000 round trips, seed \(random.seed)")
    }

    @Test func `a value at its default is refused`() {
        let defaults: [(UInt64, Item)] = [
            (0, .text("")), (2, .array([])), (3, .array([])), (5, .map([])), (6, .number(0)), (7, .number(0)),
            (8, .number(0)), (9, .array([.number(0), .number(0), .number(0)])), (10, .array([])), (11, .number(0)),
            (12, .array([])),
        ]
        for pair in defaults { #expect(overviewFailure([pair]) == .notCanonical, "\(pair)") }
        #expect(overviewFailure([(7, .number(4)), (8, .number(4))]) == .notCanonical)
        #expect(overviewFailure([(7, .number(4)), (8, .number(0))]) == nil)
    }

    @Test func `arrays and names ascend, and nothing is there twice`() {
        func ids(_ numbers: UInt8...) -> Item { .array(numbers.map { .bytes(entryID($0).bytes) }) }
        let wrong: [(UInt64, Item)] = [
            (2, .array([.text("b"), .text("a")])), (2, .array([.text("a"), .text("a")])),
            (3, .array([.text("aa"), .text("a")])), (3, .array([.text("a"), .text("a")])),
            (5, .map([(.text("aa"), .text("")), (.text("b"), .text(""))])),
            (5, .map([(.text("a"), .text("")), (.text("a"), .text(""))])),
            (10, .array([.number(3), .number(1)])), (10, .array([.number(3), .number(3)])),
            (12, ids(2, 1)), (12, ids(1, 1)),
        ]
        for pair in wrong { #expect(overviewFailure([pair]) == .notCanonical, "\(pair)") }
        // Texts ascend by their bytes, names by their encodings.
        #expect(overviewFailure([(2, .array([.text("aa"), .text("b")]))]) == nil)
        #expect(overviewFailure([(5, .map([(.text("b"), .text("")), (.text("aa"), .text(""))]))]) == nil)
    }

    @Test func `each value has its type and its limit`() {
        let long = Item.text(String(repeating: "x", count: 4097))
        let name = "title, user name, URL, tag, template, purge"
        let wrong: [([(UInt64, Item)], FormatError)] = [
            ([(0, .bytes([1]))], .unexpected), ([(1, .null)], .unexpected), ([(2, .text("a"))], .unexpected),
            ([(6, .number(16))], .unexpected), ([(6, .number(.max))], .unexpected), ([(7, .text("1"))], .unexpected),
            ([(9, .array([.number(1), .number(0)]))], .unexpected), ([(9, .number(1))], .unexpected),
            ([(10, .array([.null]))], .unexpected), ([(11, .number(3))], .unexpected),
            ([(11, .number(256))], .unexpected), ([(12, .array([.bytes([1])]))], .unexpected),
            ([(13, .null)], .unexpected), ([(1, .text("a")), (0, .text("b"))], .notCanonical),
            ([(0, .text("a")), (0, .text("b"))], .notCanonical), ([(5, .map([(.text(""), .text(""))]))], .unexpected),
            ([(5, .map([(.number(1), .text(""))]))], .unexpected), ([(0, .raw([0x61, 0xFF]))], .invalidText),
            ([(0, long)], .limit(name)), ([(1, long)], .limit(name)), ([(2, .array([long]))], .limit(name)),
            ([(3, .array([long]))], .limit(name)), ([(4, long)], .limit(name)),
            ([(5, .map([(.text(String(repeating: "n", count: 257)), .text(""))]))], .limit("name of a custom field")),
        ]
        for (pairs, error) in wrong { #expect(overviewFailure(pairs) == error, "\(pairs)") }
        #expect(overviewFailure([(0, .text(String(repeating: "x", count: 4096)))]) == nil)
        print("overviews: \(wrong.count) wrong ones refused")
    }
}

struct EntryFrameTests {
    @Test func `a frame starts with its id and the length of its box`() throws {
        let head = EntryFrame.head(id: entryID(7), boxCount: 296)
        #expect(head == entryID(7).bytes + [0, 0, 1, 40])
        let read = try EntryFrame.parseHead(head.span)
        #expect(read.id == entryID(7))
        #expect(read.boxCount == 296)
        let largest = try EntryFrame.parseHead((entryID(7).bytes + [255, 255, 255, 255]).span)
        #expect(largest.boxCount == 0xFFFF_FFFF)
        for count in 0..<20 {
            let error: FormatError?
            do throws(FormatError) {
                _ = try EntryFrame.parseHead(Array(head[..<count]).span)
                error = nil
            } catch let caught { error = caught }
            #expect(error == .truncated)
        }
    }
}
