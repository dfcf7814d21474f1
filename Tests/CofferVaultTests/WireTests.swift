/// What crosses the agent's socket arrives as it was sent, and nothing else is taken for it.
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferModel
import CofferVault
import TestSupport
import Testing

struct WireTests {
    private static func bytes(_ value: some WireValue) -> [UInt8] {
        var sink = WireSink()
        sink.put(value)
        let message = sink.finish()
        return (0..<message.count).map { message.span[$0] }
    }

    private static func read<Value: WireValue>(_ bytes: [UInt8], as type: Value.Type = Value.self) -> Value? {
        var reader = WireReader(SecretBytes(copying: bytes))
        guard let value = try? reader.read(Value.self), (try? reader.finish()) != nil else { return nil }
        return value
    }

    /// One error of every case.
    private static let errors: [VaultError] = [
        .vaultMissing(path: "/a"), .fileMissing(path: "/a"), .vaultExists(path: ""), .wrongPassword(path: "/ä"),
        .damaged(path: "/a", place: "index"), .unsupported(path: "/a", what: "x"), .notAVault(path: "/a", why: "x"),
        .inUse(path: "/a", why: "x"), .refused(why: "x", remedy: "y"), .limitExceeded(what: "x"),
        .notFound(what: "x", near: ["a", "b"]), .notInEntry(what: "x", title: "t", near: []),
        .ambiguous(what: "x", candidates: ["a"]), .inTrash(title: "t"), .notInTrash(title: "t"),
        .conflict(title: "t", field: "f"), .system(action: "read", path: "/a", errno: 28),
        .unconfirmed(path: "/a", errno: 5), .older(path: "/a", missing: 3, seenAtSeconds: .max),
        .olderEpoch(path: "/a"), .rotated(path: "/a", epoch: 2), .unpublished(path: "/a", errno: -1),
        .placeMissing(path: "/a"), .placeUnknown, .vaultInFolder(path: "/a", folder: "/b"),
        .nothingToJoin(path: "/a"), .severalVaults(path: "/a", ids: ["1", "2"]), .invalidInput(why: "x"),
        .keyFileUnusable(path: "/a", why: "x"), .lockedMeanwhile(path: "/a"), .agentTooOld(path: "/a"),
        .tooManyReads(path: "/a"), .agentLost(path: "/a"), .replaced(path: "/a"),
    ]

    @Test func `every error arrives as it was`() {
        for error in Self.errors { #expect(Self.read(Self.bytes(error), as: VaultError.self) == error) }
        #expect(Set(Self.errors.map { Self.bytes($0)[0...1] }).count == Self.errors.count)
    }

    @Test func `an error that is cut off is none`() {
        for error in Self.errors {
            let bytes = Self.bytes(error)
            for count in 0..<bytes.count { #expect(Self.read(Array(bytes[..<count]), as: VaultError.self) == nil) }
        }
    }

    @Test func `numbers arrive as they were, at their limits too`() {
        for number: UInt64 in [0, 23, 24, 255, 256, .max] { #expect(Self.read(Self.bytes(number)) == number) }
        for number: Int64 in [.min, -1, 0, .max] { #expect(Self.read(Self.bytes(number)) == number) }
        for number: Int32 in [.min, -1, 0, .max] { #expect(Self.read(Self.bytes(number)) == number) }
        for number in [0, 1, Int.max] { #expect(Self.read(Self.bytes(number)) == number) }
        // A count beyond what an Int holds.
        #expect(Self.read(Self.bytes(UInt64.max), as: Int.self) == nil)
    }

    @Test func `an array that promises more than there is reserves nothing`() {
        let promised: [UInt8] = [0x9B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
        #expect(Self.read(promised, as: [String].self) == nil)
        #expect(Self.read(promised, as: [UInt64].self) == nil)
        #expect(Self.read([0x9A, 0x7F, 0xFF, 0xFF, 0xFF], as: [Bool].self) == nil)
    }

    @Test func `an entry arrives with every version`() throws {
        let entry = try DisclosureTests.entry()
        let arrived = try #require(Self.read(Self.bytes(entry), as: Entry.self))
        #expect(arrived.id == entry.id && arrived.versions == entry.versions)
    }

    @Test func `a list arrives as it was`() throws {
        let disk = try VaultDisk()
        _ = try disk.edit(try disk.newVault(seed: 5), author: DisclosureTests.author) { session, _ in
            let list = try session.list(ListEntries())
            let arrived = try #require(Self.read(Self.bytes(list), as: EntryList.self))
            #expect(arrived.items.map(\.id) == list.items.map(\.id) && arrived.items.count == 2)
            #expect(arrived.items.map(arrived.overview) == list.items.map(list.overview))
            #expect(arrived.isVaultEmpty == false)
            let titles = arrived.withBytes { bytes in
                arrived.items.map { item in String(decoding: item.title.map { bytes[$0] }, as: UTF8.self) }
            }
            #expect(titles == ["bank", "mail"])
        }
    }

    @Test func `random bytes are no value, and no trap`() {
        var random = SeededRandom(seed: 11)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = Self.read(bytes, as: Entry.self)
            _ = Self.read(bytes, as: EntryList.self)
            _ = Self.read(bytes, as: SyncReport.self)
            _ = Self.read(bytes, as: SaveEdits.self)
            _ = Self.read(bytes, as: VaultError.self)
            _ = Self.read(bytes, as: [OneTimeEntry].self)
        }
    }
}
