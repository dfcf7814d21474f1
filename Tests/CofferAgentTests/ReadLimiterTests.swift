/// Reading many secrets within a minute is noticed, reading few or the same ones is not.
import CofferAgent
import CofferModel
import CofferVault
import Testing

struct ReadLimiterTests {
    /// A vault of a thousand entries that somebody reads.
    private final class Reader {
        private var limiter = ReadLimiter()

        func reads(_ number: UInt8, at now: Double) -> Bool {
            let bytes = [UInt8](repeating: 0, count: EntryID.byteCount - 1) + [number]
            return limiter.admits(.entries([EntryID(bytes.span)!]), entryCount: 1_000, now: now)
        }

        /// How many of thirty entries are told.
        func readsThirty(from first: UInt8, at now: Double) -> Int {
            (first..<first + 30).count { reads($0, at: now) }
        }

        func reads(_ disclosed: Disclosed, of entryCount: Int, at now: Double = 0) -> Bool {
            limiter.admits(disclosed, entryCount: entryCount, now: now)
        }

        /// Entries that are shown as one, read at once.
        func readsGroup(_ numbers: Range<UInt8>) -> Bool {
            let ids = numbers.map { EntryID(([UInt8](repeating: 0, count: EntryID.byteCount - 1) + [$0]).span)! }
            return limiter.admits(.entries(ids), entryCount: 1_000, now: 0)
        }

        func names(at now: Double) -> Bool { limiter.admitsName(now: now) }

        func prove() { limiter.reset(now: 0) }
    }

    @Test func `thirty entries may be read in a minute, and one more may not`() {
        let reader = Reader()
        #expect((0..<30).allSatisfy { reader.reads(UInt8($0), at: Double($0)) })
        #expect(!reader.reads(30, at: 30))
        // One that was told already may be told again.
        #expect(reader.reads(29, at: 31))
        // What was refused does not count.
        #expect(reader.reads(30, at: 60.5))
    }

    @Test func `the window moves with each entry`() {
        let reader = Reader()
        #expect(reader.readsThirty(from: 0, at: 0) == 30)
        #expect(!reader.reads(99, at: 59.9))
        #expect(reader.readsThirty(from: 30, at: 60) == 30)
        #expect(!reader.reads(99, at: 60))
    }

    @Test func `what tells no secret does not count`() {
        let reader = Reader()
        #expect((0..<1_000).allSatisfy { _ in reader.reads(.nothing, of: 1_000) })
        #expect(reader.readsThirty(from: 0, at: 0) == 30)
    }

    @Test func `something of every entry is as much as there are entries`() {
        #expect(Reader().reads(.all, of: 30))
        #expect(!Reader().reads(.all, of: 31))
    }

    @Test func `joined entries count one by one`() {
        let reader = Reader()
        #expect(reader.readsGroup(0..<29))
        #expect(!reader.readsGroup(40..<42))
        #expect(reader.readsGroup(0..<30))
        #expect(!reader.reads(50, at: 0))
        #expect(!Reader().readsGroup(0..<31))
    }

    @Test func `codes cannot be guessed by their names`() {
        let reader = Reader()
        #expect((0..<500).allSatisfy { _ in reader.names(at: 0) })
        #expect(!reader.names(at: 59))
        #expect(reader.names(at: 60))
    }

    @Test func `a new proof begins to count anew`() {
        let reader = Reader()
        #expect(reader.readsThirty(from: 0, at: 0) == 30)
        #expect(!reader.reads(99, at: 0))
        #expect(!reader.reads(.all, of: 31))
        reader.prove()
        #expect(reader.reads(99, at: 0))
        #expect(reader.reads(.all, of: 31, at: 59))
        #expect(!reader.reads(.all, of: 31, at: 60))
    }
}
