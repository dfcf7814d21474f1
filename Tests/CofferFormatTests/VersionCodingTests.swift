/// Versions on disk: their form, their limits, and what is kept of newer programs (docs/format.md, "Versions").
import CofferFormat
import CofferMemory
import CofferMerge
import CofferModel
import TestSupport
import Testing

/// The versions of an entry's content, or why it is none.
func decode(_ content: [UInt8]) throws(FormatError) -> EntryVersions {
    let arena = SecretArena(SecretBytes(copying: content))
    return try EntryFrame.parseContent(arena, 0..<content.count)
}

func encode(_ versions: EntryVersions) -> [UInt8] {
    var sink = ArraySink()
    VersionCoding.encode(versions, into: &sink)
    return sink.bytes
}

private func failure(_ content: [UInt8]) -> FormatError? {
    do throws(FormatError) {
        _ = try decode(content)
        return nil
    } catch {
        return error
    }
}

/// A version to be written, right or wrong.
struct VersionForm {
    var id: Item
    var field: Item
    var replaces: Item?
    var at: Item? = .number(5)
    var by: Item? = .text("laptop")
    var value: Item? = .text("x")
    var seen: Item?
    var more: [(Item, Item)] = []

    init(_ number: UInt8, _ field: Item = .number(1), value: Item? = .text("x"), replaces: [UInt8]? = nil) {
        id = .bytes(CofferFormatTests.id(number).bytes)
        self.field = field
        self.value = value
        self.replaces = replaces.map(Self.ids)
    }

    static func ids(_ numbers: [UInt8]) -> Item { .array(numbers.map { .bytes(CofferFormatTests.id($0).bytes) }) }

    /// The same without content.
    var trimmed: VersionForm { with { ($0.at, $0.by, $0.value, $0.seen, $0.more) = (nil, nil, nil, nil, []) } }

    func with(_ change: (inout VersionForm) -> Void) -> VersionForm {
        var form = self
        change(&form)
        return form
    }

    var item: Item {
        var pairs: [(Item, Item)] = [(.number(0), id), (.number(1), field)]
        for (key, value) in [(2, replaces), (3, at), (4, by), (5, value), (6, seen)] as [(UInt64, Item?)] {
            if let value { pairs.append((.number(key), value)) }
        }
        return .map(pairs + more)
    }
}

private func content(_ forms: VersionForm...) -> [UInt8] { content(forms) }

private func content(_ forms: [VersionForm]) -> [UInt8] { Item.array(forms.map(\.item)).encoded }

private let hash = Item.bytes([UInt8](repeating: 8, count: 16))

struct VersionCodingTests {
    @Test func `every field with its value is read and written back`() throws {
        let forms: [VersionForm] = [
            VersionForm(1), VersionForm(2, .number(2)), VersionForm(3, .number(3), value: .null),
            VersionForm(4, .number(7), value: .flag(true)).with { $0.seen = VersionForm.ids([1, 2]) },
            VersionForm(5, .number(8), value: .text("T")).with { $0.seen = .array([]) },
            VersionForm(6, .number(9), value: hash),
            VersionForm(7, .text("pin"), value: .array([.text("1"), .flag(true)])),
            VersionForm(8, .array([.number(1), hash]), value: .text("tag")),
            VersionForm(9, .array([.number(2), hash]), value: .text("url")),
            VersionForm(10, .array([.number(3), hash]), value: .number(1)),
            VersionForm(11, .array([.number(4), hash, hash]), value: .array([.text("code"), .flag(false)])),
            VersionForm(12, .array([.number(5), .bytes(id(3).bytes)]), value: .number(.max)),
            // Of a newer program.
            VersionForm(13, .number(11), value: .bytes([1])), VersionForm(14, .number(0), value: .flag(false)),
            VersionForm(15, .array([.number(6), .bytes([])]), value: .null),
            VersionForm(16, .array([.number(6), .bytes([1]), .bytes([2])]), value: .number(1)),
            VersionForm(17, .number(10), value: .text("otpauth:")),
        ]
        let bytes = content(forms)
        let versions = try decode(bytes)
        #expect(versions.versions.count == forms.count)
        #expect(encode(versions) == bytes)
        #expect(EntryFrame.contentCount(versions) == bytes.count)
        #expect(versions[id(7)]?.content?.value == .marked(secret("1"), true))
        #expect(versions[id(4)]?.content?.seen == [id(1), id(2)])
        #expect(versions[id(12)]?.field == .counter(of: id(3)))
        print("versions: \(forms.count) fields read and written back")
    }

    @Test func `keys that this program does not know are kept and written back`() throws {
        let deep = (0..<14).reduce(Item.number(1)) { inner, _ in .array([inner]) }
        let known = VersionForm(1).with {
            $0.more = [(.number(7), .map([(.text("a"), .null)])), (.number(8), deep), (.number(.max), .bytes([1, 2]))]
        }
        let bytes = content(known, VersionForm(2, replaces: [1]))
        let versions = try decode(bytes)
        #expect(encode(versions) == bytes)
        #expect(versions[id(1)]?.content?.unknown != nil)
        // They go when the version is trimmed.
        let purged = try versions.union(
            EntryVersions([
                EntryVersion(
                    id: id(9), field: .purge, replaces: [],
                    content: .init(atSeconds: 1, by: "", value: .plain("T"), seen: [id(2)]))
            ])
        ).trimmed(historyLimit: 10)
        #expect(purged[id(1)]?.content == nil)
        #expect(encode(purged).count < bytes.count)
    }

    @Test func `unknown keys are integers from 7, in order, in full versions only`() {
        let wrong: [([(Item, Item)], FormatError)] = [
            ([(.number(6), .array([]))], .unexpected), ([(.text("a"), .null)], .unexpected),
            ([(.bytes([]), .null)], .unexpected), ([(.number(8), .null), (.number(7), .null)], .notCanonical),
            ([(.number(7), .null), (.number(7), .null)], .notCanonical), ([(.number(7), .raw([0xF7]))], .unexpected),
            ([(.number(7), .raw([0x18, 0x00]))], .notCanonical),
            ([(.number(7), (0..<15).reduce(.number(1)) { inner, _ in .array([inner]) })], .limit("CBOR nesting")),
        ]
        for (more, error) in wrong {
            #expect(failure(content(VersionForm(1).with { $0.more = more })) == error, "\(more)")
        }
        let trimmed = VersionForm(1).trimmed.with { $0.more = [(.number(7), .null)] }
        #expect(failure(content(trimmed, VersionForm(2, replaces: [1]))) == .unexpected)
    }

    @Test func `a full version has all its keys, a trimmed one none of them`() {
        #expect(failure(content(VersionForm(1))) == nil)
        for change in [
            { $0.at = nil }, { $0.by = nil }, { $0.value = nil }, { $0.seen = .array([]) },
        ] as [(inout VersionForm) -> Void] {
            #expect(failure(content(VersionForm(1).with(change))) == .unexpected)
        }
        for field: UInt64 in [7, 8] {
            let value: Item = field == 7 ? .flag(true) : .text("T")
            #expect(failure(content(VersionForm(1, .number(field), value: value))) == .unexpected)
        }
        #expect(failure(Item.array([.map([])]).encoded) == .unexpected)
        #expect(failure(Item.array([.keyed([(0, .bytes(id(1).bytes))])]).encoded) == .unexpected)
        #expect(failure(Item.array([.keyed([(1, .number(1))])]).encoded) == .unexpected)
        #expect(failure(Item.map([]).encoded) == .unexpected)
        #expect(failure(content(VersionForm(1)) + [0]) == .leftover)
    }

    @Test func `ids have twelve bytes and ascend`() {
        #expect(failure(content(VersionForm(2), VersionForm(1))) == .notCanonical)
        #expect(failure(content(VersionForm(1), VersionForm(1))) == .notCanonical)
        #expect(failure(content(VersionForm(1).with { $0.id = .bytes([1]) })) == .unexpected)
        #expect(failure(content(VersionForm(1).with { $0.replaces = .array([]) })) == .notCanonical)
        #expect(failure(content(VersionForm(1, replaces: [3, 2]))) == .notCanonical)
        #expect(failure(content(VersionForm(1, replaces: [2, 2]))) == .notCanonical)
        #expect(failure(content(VersionForm(1).with { $0.replaces = .array([.bytes([1])]) })) == .unexpected)
        let trash = VersionForm(1, .number(7), value: .flag(true)).with { $0.seen = VersionForm.ids([3, 2]) }
        #expect(failure(content(trash)) == .notCanonical)
    }

    @Test func `a field's value has its type`() {
        let text = Item.text("t")
        let mark = Item.array([text, .flag(true)])
        let wrong: [(Item, [Item])] = [
            (.number(1), [.number(1), .bytes([]), .flag(true), mark]), (.number(3), [.number(1), .bytes([]), mark]),
            (.number(6), [.flag(false)]), (.number(9), [text, .bytes([1]), .number(1)]),
            (.number(10), [.flag(false), .bytes([1]), .number(1)]),
            (.text("a"), [text, .number(1), .flag(true)]), (.array([.number(1), hash]), [mark, .number(1)]),
            (.array([.number(3), hash]), [.number(2), text]), (.array([.number(4), hash, hash]), [text]),
            (.array([.number(5), .bytes(id(1).bytes)]), [text]),
        ]
        var cases = 0
        for (field, values) in wrong {
            for value in values {
                #expect(failure(content(VersionForm(1, field, value: value))) == .unexpected, "\(field) \(value)")
                cases += 1
            }
            #expect(failure(content(VersionForm(1, field, value: .null))) == nil, "\(field)")
        }
        for (field, value) in [(7, Item.null), (7, .number(1)), (8, .null), (8, .flag(true))] as [(UInt64, Item)] {
            let form = VersionForm(1, .number(field), value: value).with { $0.seen = .array([]) }
            #expect(failure(content(form)) == .unexpected)
            cases += 1
        }
        for value in [.array([]), .array([text]), .array([text, text]), .map([])]
            as [Item]
        {
            #expect(failure(content(VersionForm(1, .number(11), value: value))) == .unexpected)
            cases += 1
        }
        let three = VersionForm(1, .number(11), value: .array([text, .flag(true), .null]))
        #expect(failure(content(three)) == .unexpected)
        print("versions: \(cases) wrong values refused")
    }

    @Test func `a field's name has its shape`() {
        let bytes = Item.bytes([1])
        let wrong: [Item] = [
            .null, .bytes([1]), .array([]), .array([.number(1)]), .array([.number(1), bytes]), .array([hash, hash]),
            .array([.number(3), hash, hash]), .array([.number(4), hash]), .array([.number(5), hash]),
            .array([.number(6), .text("a")]), .text(""), .map([]),
        ]
        for field in wrong {
            #expect(failure(content(VersionForm(1, field, value: .null))) == .unexpected, "\(field)")
        }
        let four = VersionForm(1, .array([.number(6), bytes, bytes, bytes]), value: .null)
        #expect(failure(content(four)) == .unexpected)
    }

    // MARK: Limits

    @Test func `each limit is met exactly and has its name`() {
        func text(_ count: Int) -> Item {
            .text(String(repeating: "é", count: count / 2) + (count % 2 == 1 ? "x" : ""))
        }
        let mark = Item.array([.text("v"), .flag(false)])
        let limits: [(VersionForm, VersionForm, String)] = [
            (
                VersionForm(1, value: text(4096)), VersionForm(1, value: text(4097)),
                "title, user name, URL, tag, template, purge"
            ),
            (VersionForm(1, text(256), value: mark), VersionForm(1, text(257), value: mark), "name of a custom field"),
            (
                VersionForm(1).with { $0.by = text(64) }, VersionForm(1).with { $0.by = text(65) }, "machine label"
            ),
            (
                VersionForm(1).with { $0.at = .number(253_402_300_799) },
                VersionForm(1).with { $0.at = .number(253_402_300_800) }, "at"
            ),
            (
                VersionForm(1, .array([.number(6), .bytes([UInt8](repeating: 0, count: 256))])),
                VersionForm(1, .array([.number(6), .bytes([UInt8](repeating: 0, count: 257))])),
                "name of an element of another kind"
            ),
        ]
        for (good, bad, name) in limits {
            #expect(failure(content(good)) == nil, "\(name)")
            #expect(failure(content(bad)) == .limit(name), "\(name)")
        }
        for field in [.number(2), .number(6), .array([.number(1), hash]), .array([.number(2), hash])] as [Item] {
            #expect(failure(content(VersionForm(1, field, value: text(4096)))) == nil)
            let name = "title, user name, URL, tag, template, purge"
            #expect(failure(content(VersionForm(1, field, value: text(4097)))) == .limit(name))
        }
        // A password or a note may be longer.
        #expect(failure(content(VersionForm(1, .number(4), value: text(100_000)))) == nil)
        // The field as a whole.
        #expect(failure([UInt8](repeating: 0x80, count: Limits.entryContent + 1)) == .limit("entry"))
    }

    // MARK: Heads and trimming

    @Test func `only the trimmed form is accepted`() {
        // Twelve replaced versions: the two oldest must be trimmed.
        func chain(trimmed: ClosedRange<UInt8>?) -> [UInt8] {
            content(
                (UInt8(1)...13).map { number in
                    let form = VersionForm(number, replaces: number == 1 ? nil : [number - 1])
                    return trimmed?.contains(number) == true ? form.trimmed : form
                })
        }
        #expect(failure(chain(trimmed: 1...2)) == nil)
        #expect(failure(chain(trimmed: 1...5)) == nil, "one that was trimmed earlier may be among the ten")
        #expect(failure(chain(trimmed: 1...1)) == .notCanonical)
        #expect(failure(chain(trimmed: nil)) == .notCanonical)
        #expect(failure(chain(trimmed: 13...13)) == .notCanonical, "a head is never trimmed")
    }

    @Test func `what a purge covers is trimmed`() {
        let purge = VersionForm(9, .number(8), value: .text("T")).with { $0.seen = VersionForm.ids([1]) }
        #expect(failure(content(VersionForm(1).trimmed, purge)) == nil)
        #expect(failure(content(VersionForm(1), purge)) == .notCanonical)
        #expect(failure(content(VersionForm(2).trimmed, purge)) == .notCanonical, "nobody covers it")
        #expect(failure(content(purge.trimmed)) == .unexpected)
        #expect(failure(content(purge.with { $0.replaces = VersionForm.ids([1]) })) == .notCanonical)
    }

    @Test func `circles and replacing another field's version are refused`() {
        #expect(failure(content(VersionForm(1, replaces: [1]))) == .unexpected)
        #expect(failure(content(VersionForm(1, replaces: [2]), VersionForm(2, replaces: [1]))) == .unexpected)
        #expect(failure(content(VersionForm(1), VersionForm(2, .number(2), replaces: [1]))) == .notCanonical)
        #expect(failure(content(VersionForm(2, replaces: [1]))) == nil, "what it replaces may be unknown")
    }

    // MARK: Order of fields

    @Test func `fields are in the order of their encoded bytes, and equal when those are`() {
        var random = SeededRandom()
        func encoded(_ field: FieldName) -> [UInt8] {
            var sink = ArraySink()
            VersionCoding.encode(field, into: &sink)
            return sink.bytes
        }
        func field() -> FieldName {
            switch random.number(0...2) {
            case 0: return .known(random.anyNumber())
            case 1:
                return .custom(
                    Bool.random(using: &random) ? random.text(3) : String(repeating: "a", count: random.number(0...300))
                )
            default:
                var keys: [[UInt8]] = []
                for _ in 0..<random.number(1...2) {
                    keys.append(random.bytes([0, 1, 1, 2, 23, 24, 256].randomElement(using: &random)!))
                }
                return .element(kind: random.anyNumber(), keys: keys)
            }
        }
        for _ in 0..<20_000 {
            let (one, two) = (field(), Int.random(in: 0...9, using: &random) == 0 ? nil : field())
            let other = two ?? one
            let isBefore = encoded(one).lexicographicallyPrecedes(encoded(other))
            if (one < other) != isBefore || (one == other) != (encoded(one) == encoded(other)) {
                Issue.record("\(one) and \(other), seed \(random.seed)")
            }
        }
        print("fields: 20000 pairs compared, seed \(random.seed)")
    }

    // MARK: Any bytes

    @Test func `random and damaged entries never trap, and what is accepted encodes to itself`() throws {
        var random = SeededRandom()
        let whole = content(
            [VersionForm(1).trimmed, VersionForm(2, replaces: [1])]
                + [
                    VersionForm(4, .number(7), value: .flag(true)).with { $0.seen = VersionForm.ids([1, 2]) },
                    VersionForm(7, .text("pin"), value: .array([.text("1"), .flag(true)])),
                    VersionForm(11, .array([.number(4), hash, hash]), value: .array([.text("code"), .flag(false)])).with
                    {
                        $0.more = [(.number(7), .array([.null]))]
                    },
                ])
        var (cases, accepted) = (0, 0)
        for round in 0..<10_000 {
            let bytes = round % 4 == 0 ? random.bytes(random.number(0...60)) : whole.mutated(&random)
            cases += 1
            guard let versions = try? decode(bytes) else { continue }
            accepted += 1
            if encode(versions) != bytes { Issue.record("\(bytes.hexadecimal), seed \(random.seed)") }
        }
        print("entries: \(cases) random and damaged cases, \(accepted) accepted, seed \(random.seed)")
        #expect(accepted > 100)
    }
}
