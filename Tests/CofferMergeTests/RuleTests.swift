/// Each rule of docs/format.md, "Heads", "Trimming", "Union" and "Reading an entry", by its smallest case.
import CofferMerge
import TestSupport
import Testing

struct RuleTests {
    // MARK: Union (D4, rules 1 and 3)

    @Test func `different content under one id is refused and named`() throws {
        let known = try TestSet([version(1, value: 1), version(2)])
        for other in [version(1, value: 2), version(1, value: 1, at: 9), version(1, value: 1, by: "other")] {
            try #expect(mergeError(known, TestSet([other])) == .contradiction(id(1)))
        }
    }

    @Test func `another field or other replaces under one id are refused and named`() throws {
        let known = try TestSet([version(1), version(2, replaces: [1])])
        try #expect(mergeError(known, TestSet([version(1, .register(1))])) == .contradiction(id(1)))
        try #expect(mergeError(known, TestSet([version(2)])) == .contradiction(id(2)))
        // A trimmed form has field and replaces too.
        try #expect(mergeError(known, TestSet([version(2).trimmed])) == .contradiction(id(2)))
    }

    @Test func `a full version takes the place of its trimmed form, from either side`() throws {
        let full = try TestSet([version(1, value: 5), version(2, replaces: [1])])
        let trimmed = try TestSet([version(1, value: 5).trimmed, version(2, replaces: [1])])
        #expect(try full.union(trimmed) == full)
        #expect(try trimmed.union(full) == full)
    }

    @Test func `a union holds every id of either, ascending`() throws {
        let union = try TestSet([version(3), version(1)]).union(TestSet([version(2), version(3)]))
        #expect(union.versions.map(\.id) == [id(1), id(2), id(3)])
        #expect(union[id(2)] == version(2))
        #expect(union[id(4)] == nil)
        #expect(union.position(of: id(0)) == nil)
    }

    // MARK: Heads (rule 2)

    @Test func `two values that nobody replaced are both heads`() throws {
        let set = try TestSet([version(1), version(2, value: 1, replaces: [1]), version(3, value: 2, replaces: [1])])
        #expect(set.heads.map(\.id) == [id(2), id(3)])
        let settled = try set.union(TestSet([version(4, replaces: [2, 3])]))
        #expect(settled.heads.map(\.id) == [id(4)])
    }

    @Test func `a version of another field replaces nothing`() throws {
        let set = try TestSet([version(1), version(2, .register(1), replaces: [1])])
        #expect(set.heads.map(\.id) == [id(1), id(2)])
        #expect(!set.replacesWithinFields)
    }

    @Test func `a version that was replaced before it arrives is no head`() throws {
        // The one that replaces it came first, from another machine.
        let set = try TestSet([version(2, replaces: [1])]).union(TestSet([version(1)]))
        #expect(set.heads.map(\.id) == [id(2)])
    }

    // MARK: Trimming (rule 3)

    @Test func `a field keeps its ten latest replaced values, by chain and not by clock`() throws {
        // The clock runs backwards.
        var edits = [version(1, at: 99)]
        for number: UInt64 in 2...14 { edits.append(version(number, replaces: [number - 1], at: 100 - number)) }
        let trimmed = try TestSet(edits).trimmed(historyLimit: 10)
        #expect(trimmed.fullIDs == ids(Array(4...14)))
        #expect(trimmed[id(3)] == version(3, replaces: [2]).trimmed)
    }

    @Test func `ids have no part in the order of a chain`() throws {
        let descending = Array(stride(from: UInt64(99), through: 86, by: -1))
        #expect(try TestSet(chain(descending)).trimmed(historyLimit: 10).fullIDs == ids(Array(descending.suffix(11))))
    }

    @Test func `each field has a history of its own`() throws {
        let two = chain([1, 2, 3, 4, 5]) + chain([101, 102, 103, 104, 105], .register(1))
        #expect(try TestSet(two).trimmed(historyLimit: 2).fullIDs == ids([3, 4, 5, 103, 104, 105]))
    }

    @Test func `a replaced value is ranked by the latest version that replaces it`() throws {
        // 1 is as old as 2, but 9, which settled a conflict at the end of the chain, replaces it as well.
        let set = try TestSet(chain([2, 3, 4, 5]) + [version(1), version(9, replaces: [1, 5])])
        #expect(try set.trimmed(historyLimit: 2).fullIDs == ids([1, 5, 9]))
        // With the same replacer the longer own chain ranks first, and then the greater id.
        #expect(try set.trimmed(historyLimit: 1).fullIDs == ids([5, 9]))
        let twins = try TestSet([version(1), version(2), version(3, replaces: [1, 2])])
        #expect(try twins.trimmed(historyLimit: 1).fullIDs == ids([2, 3]))
    }

    @Test func `of several replacers the one with the longest chain and then the greatest id counts`() throws {
        // 7 and 6 replace 1 at the same depth; 2 is replaced by 6 only.
        let set = try TestSet([
            version(1), version(2), version(6, replaces: [1, 2]), version(7, replaces: [1]),
        ])
        #expect(try set.trimmed(historyLimit: 1).fullIDs == ids([1, 6, 7]))
        // A longer chain beats a greater id.
        let longer = try TestSet([
            version(1), version(2), version(3, replaces: [2]), version(5, replaces: [3, 1]), version(7, replaces: [1]),
            version(8), version(9, replaces: [8]),
        ])
        #expect(try longer.trimmed(historyLimit: 2).fullIDs == ids([1, 3, 5, 7, 9]))
    }

    @Test func `versions that are trimmed already count among the kept ones`() throws {
        let set = try TestSet([version(1), version(2, replaces: [1]).trimmed, version(3, replaces: [2])])
        #expect(try set.trimmed(historyLimit: 1).fullIDs == ids([3]))
    }

    @Test func `a trimmed version is its id, its field and what it replaces`() {
        let trimmed = version(2, .trash, value: 1, replaces: [1], seen: [3], at: 4, by: "desk").trimmed
        #expect(trimmed == TestVersion(id: id(2), field: .trash, replaces: [id(1)], content: nil))
    }

    @Test func `heads are never trimmed`() throws {
        let set = try TestSet((1...40).map { version($0) })
        #expect(try set.trimmed(historyLimit: 0) == set)
    }

    @Test func `an unread trimmed head is told from a trimmed old value`() throws {
        #expect(try !TestSet([version(1).trimmed]).isTrimmedWithReason)
        #expect(try TestSet([version(1).trimmed, version(2, replaces: [1])]).isTrimmedWithReason)
        #expect(try TestSet([version(1).trimmed, version(2, .purge, seen: [1])]).isTrimmedWithReason)
    }

    // MARK: Trash (rule 4)

    @Test func `an entry is in the trash when its trash saw every head`() throws {
        let edits = [version(1), version(2, .register(1)), version(3, .register(1), replaces: [2])]
        #expect(try TestSet(edits).state == .live)
        #expect(try TestSet(edits + [version(9, .trash, value: 1, seen: [1, 3])]).state == .trash)
        #expect(try TestSet(edits + [version(9, .trash, value: 0, seen: [1, 3])]).state == .live)
    }

    @Test func `an edit that the trash had not seen brings the entry back`() throws {
        let thrown = [version(1), version(9, .trash, value: 1, seen: [1])]
        #expect(try TestSet(thrown).state == .trash)
        #expect(try TestSet(thrown + [version(2, replaces: [1])]).state == .live)
        #expect(try TestSet(thrown + [version(2, .register(1))]).state == .live)
    }

    @Test func `a head below what the trash saw is seen`() throws {
        // The machine with 2 is behind: it shows 1, which 2 replaced before the entry was thrown away.
        let set = try TestSet([version(1), version(2, replaces: [1]), version(9, .trash, value: 1, seen: [2])])
        #expect(set.state == .trash)
    }

    @Test func `two that threw the entry away have seen together what both have seen`() throws {
        let edits = [version(1), version(2, .register(1))]
        let one = version(8, .trash, value: 1, seen: [1])
        let two = version(9, .trash, value: 1, seen: [2])
        #expect(try TestSet(edits + [one]).state == .live)
        #expect(try TestSet(edits + [one, two]).state == .trash)
    }

    @Test func `one restore beside a trash brings the entry back`() throws {
        let set = try TestSet([
            version(1), version(8, .trash, value: 1, seen: [1]), version(9, .trash, value: 0, seen: [1]),
        ])
        #expect(set.state == .live)
        // Throwing it away again settles it.
        #expect(try set.union(TestSet([version(10, .trash, value: 1, replaces: [8, 9], seen: [1])])).state == .trash)
    }

    @Test func `trash versions have a history that is trimmed like any other`() throws {
        #expect(try TestSet(chain([1, 2, 3, 4], .trash)).trimmed(historyLimit: 1).fullIDs == ids([3, 4]))
    }

    // MARK: Purge (rule 5)

    @Test func `a purge takes the content of everything it saw, history included`() throws {
        let set = try TestSet([
            version(1), version(2, replaces: [1]), version(3, .register(1)),
            version(8, .trash, value: 1, seen: [2, 3]),
            version(9, .purge, value: 7, seen: [2, 3, 8]),
        ])
        let trimmed = try set.trimmed(historyLimit: 10)
        #expect(trimmed.fullIDs == ids([9]))
        #expect(trimmed.ids == ids([1, 2, 3, 8, 9]))
        #expect(trimmed.state == .purged)
        #expect(trimmed.visibleHeads.isEmpty)
    }

    @Test func `an edit that the purger had not seen survives its purge`() throws {
        let purged = [version(1), version(8, .trash, value: 1, seen: [1]), version(9, .purge, seen: [1, 8])]
        let edited = try TestSet(purged + [version(2, value: 4, replaces: [1])]).trimmed(historyLimit: 10)
        #expect(edited.state == .live)
        #expect(edited.visibleHeads == [version(2, value: 4, replaces: [1])])
        #expect(edited.fullIDs == ids([2, 9]))
    }

    @Test func `a purge reaches through versions that are trimmed already`() throws {
        let set = try TestSet([
            version(1), version(2, replaces: [1]).trimmed, version(3, replaces: [2]), version(9, .purge, seen: [3]),
        ])
        #expect(try set.trimmed(historyLimit: 10).fullIDs == ids([9]))
    }

    @Test func `a replica from before a purge stays purged`() throws {
        let before = try TestSet([version(1, value: 3)])
        let after = try TestSet([version(1, value: 3), version(9, .purge, seen: [1])]).trimmed(historyLimit: 10)
        let merged = try after.merged(with: before, historyLimit: 10)
        #expect(merged == after)
        #expect(merged.state == .purged)
    }

    @Test func `a purge is neither covered, nor replaced, nor trimmed`() throws {
        let set = try TestSet([
            version(1), version(8, .purge, value: 1, seen: [1]),
            version(9, .purge, value: 2, replaces: [8], seen: [1, 8]),
        ])
        let trimmed = try set.trimmed(historyLimit: 0)
        #expect(trimmed.fullIDs == ids([8, 9]))
        #expect(trimmed.heads.map(\.id) == ids([1, 8, 9]).sorted())
    }

    @Test func `covered versions count among the kept ones`() throws {
        // Otherwise two machines, one with the purge and one without, would keep different histories.
        let purge = version(9, .purge, seen: [2])
        #expect(try TestSet(chain([1, 2, 3, 4]) + [purge]).trimmed(historyLimit: 2).fullIDs == ids([3, 4, 9]))
    }

    // MARK: Refusals

    @Test func `versions that replace each other in a circle are refused`() throws {
        let circle = try TestSet([version(1, replaces: [3]), version(2, replaces: [1]), version(3, replaces: [2])])
        #expect((try? circle.trimmed(historyLimit: 10)) == nil)
        let own = try TestSet([version(1, replaces: [1])])
        do {
            _ = try own.trimmed(historyLimit: 10)
            Issue.record("a version that replaces itself was accepted")
        } catch {
            #expect(error == .circle(id(1)))
        }
        // Reading a set with a circle ends as well.
        #expect(circle.heads.isEmpty)
        #expect(circle.state == .live)
    }

    @Test func `what is asked of an empty set has an answer`() throws {
        let empty = TestSet()
        #expect(empty.isEmpty && empty.heads.isEmpty && empty.state == .live)
        #expect(try empty.merged(with: empty, historyLimit: 10) == empty)
    }

    // MARK: Size

    @Test func `a chain of 100,000 versions is trimmed, read and merged in bounded time`() throws {
        let count: UInt64 = 100_000
        let clock = ContinuousClock()
        let time = try clock.measure {
            let set = try TestSet(chain(Array(1...count))).trimmed(historyLimit: 10)
            #expect(set.fullIDs == ids(Array(count - 10...count)))
            #expect(set.heads.map(\.id) == [id(count)])
            let purged = try set.merged(with: TestSet([version(count + 1, .purge, seen: [count])]), historyLimit: 10)
            #expect(purged.state == .purged)
            #expect(purged.fullIDs == ids([count + 1]))
        }
        print("a chain of \(count) versions: \(time)")
        #expect(time < .seconds(60))
    }

    private func mergeError(_ one: TestSet, _ two: TestSet) -> MergeError? {
        do {
            _ = try one.union(two)
            return nil
        } catch {
            return error
        }
    }
}

struct VersionIDTests {
    @Test func `an id is twelve bytes, compared as bytes`() {
        var random = SeededRandom(seed: 3)
        for _ in 0..<1_000 {
            let one = (0..<12).map { _ in UInt8.random(in: 0...3, using: &random) }
            let two = (0..<12).map { _ in UInt8.random(in: 0...3, using: &random) }
            guard let left = VersionID(one.span), let right = VersionID(two.span) else {
                Issue.record("twelve bytes are an id")
                return
            }
            #expect(left.bytes == one)
            #expect((left < right) == one.lexicographicallyPrecedes(two))
            #expect((left == right) == (one == two))
        }
        for count in [0, 11, 13] { #expect(VersionID([UInt8](repeating: 0, count: count).span) == nil) }
    }
}
