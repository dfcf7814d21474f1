/// The laws of merging (D4), as checks of what a history leads to.
import CofferMerge
import TestSupport

/// A law that does not hold, with what showed it.
struct Violation: Error, CustomStringConvertible {
    let law: String
    let detail: String

    var description: String { "\(law): \(detail)" }
}

struct Laws {
    private let history: History
    private let world: World
    private var random: SeededRandom
    private let limit: Int

    /// The first law that the history breaks.
    static func violation(_ history: History) -> Violation? {
        do {
            var laws = try Laws(history)
            try laws.check()
            return nil
        } catch let violation as Violation {
            return violation
        } catch {
            return Violation(law: "honest edits always merge", detail: "\(error)")
        }
    }

    private init(_ history: History) throws {
        self.history = history
        world = try World(history)
        random = SeededRandom(seed: history.seed)
        limit = history.historyLimit
    }

    private mutating func check() throws {
        try checkAlgebra()
        try checkAncestors()
        let final = try checkOrders()
        try checkVisible(final)
        try checkPurges(final)
        try checkClocks()
        try checkTrimming(final)
    }

    private func require(_ holds: Bool, _ law: String, _ detail: @autoclosure () -> String = "") throws {
        if !holds { throw Violation(law: law, detail: detail()) }
    }

    private func merge(_ one: TestSet, _ two: TestSet) throws -> TestSet {
        try one.merged(with: two, historyLimit: limit)
    }

    private mutating func checkAlgebra() throws {
        for _ in 0..<4 {
            let a = pick()
            let b = pick()
            let c = pick()
            let ab = try merge(a, b)
            try require(try ab == merge(b, a), "commutative")
            try require(try merge(a, a) == a, "idempotent")
            try require(try merge(ab, c) == merge(a, merge(b, c)), "associative")
        }
    }

    /// Any state that any machine has ever had.
    private mutating func pick() -> TestSet {
        world.pasts.randomElement(using: &random)!.randomElement(using: &random)!
    }

    private func checkAncestors() throws {
        for (machine, state) in world.machines.enumerated() {
            for past in world.pasts[machine] where past.ids.isSubset(of: state.ids) {
                try require(try merge(state, past) == state, "an ancestor changes nothing", "machine \(machine)")
            }
        }
    }

    /// All machines, in two orders, some of them twice; and every version in full, trimmed once.
    private mutating func checkOrders() throws -> TestSet {
        let one = try fold(world.machines.shuffled(using: &random))
        let twice = world.machines + [world.machines.randomElement(using: &random)!]
        let two = try fold(twice.shuffled(using: &random))
        try require(one == two, "any order, any duplication")
        let full = try TestSet(one.versions.compactMap { world.ledger[$0.id] })
        let late = try full.trimmed(historyLimit: limit)
        try require(
            late == one, "trimming early loses nothing that trimming late would keep",
            "\(late.fullIDs.symmetricDifference(one.fullIDs))")
        return one
    }

    private func fold(_ sets: [TestSet]) throws -> TestSet { try sets.reduce(TestSet()) { try merge($0, $1) } }

    /// The visible heads are found here without any of the code under test.
    private func checkVisible(_ final: TestSet) throws {
        let there = final.ids.compactMap { world.ledger[$0] }
        let replaced = Set(there.flatMap(\.replaces))
        var covered: Set<VersionID> = []
        func cover(_ id: VersionID) {
            guard let version = world.ledger[id], version.field != .purge, covered.insert(id).inserted else { return }
            version.replaces.forEach(cover)
        }
        for purge in there where purge.field == .purge { purge.content?.seen.forEach(cover) }

        let expected = there.filter { $0.field != .purge && !replaced.contains($0.id) && !covered.contains($0.id) }
        let visible = final.visibleHeads
        try require(
            Set(expected.map(\.id)) == Set(visible.map(\.id)), "every value that nobody replaced is visible",
            "expected \(expected.map(\.id).sorted()), visible \(visible.map(\.id))")
        for head in visible {
            try require(head == world.ledger[head.id], "a visible value is the one that was written", "\(head)")
        }
    }

    private func checkPurges(_ final: TestSet) throws {
        let purges = final.versions.filter { $0.field == .purge }
        for purge in purges {
            try require(!purge.isTrimmed, "a purge keeps its content")
            for seen in world.sawByPurge[purge.id] ?? [] {
                guard let version = final[seen], version.field != .purge else { continue }
                try require(version.isTrimmed, "a purge covers all that its author saw, history included")
            }
        }
        let seen = purges.reduce(into: Set<VersionID>()) { $0.formUnion(world.sawByPurge[$1.id] ?? []) }
        for (version, isCovered) in zip(final.versions, final.covered) where isCovered {
            try require(seen.contains(version.id), "a purge covers nothing that its author had not seen")
        }
    }

    private mutating func checkClocks() throws {
        let all = try TestSet(world.ledger.values)
        let retimed = try TestSet(
            all.versions.map { version in
                let content = version.content!
                return TestVersion(
                    id: version.id, field: version.field, replaces: version.replaces,
                    content: .init(
                        atSeconds: UInt64.random(in: 0..<600_000_000, using: &random),
                        by: "\(UInt8.random(in: 0...255, using: &random))", value: content.value, seen: content.seen))
            })
        let one = try all.trimmed(historyLimit: limit)
        let two = try retimed.trimmed(historyLimit: limit)
        try require(one.fullIDs == two.fullIDs, "no clock and no label decides what keeps its content")
        try require(
            one.visibleHeads.map(\.id) == two.visibleHeads.map(\.id), "no clock and no label decides what is visible")
        try require(one.state == two.state, "no clock and no label decides the state")
    }

    private func checkTrimming(_ final: TestSet) throws {
        for state in world.machines {
            try require(try state.trimmed(historyLimit: limit) == state, "what is trimmed stays as it is")
            try require(state.isTrimmedWithReason, "nothing is trimmed without a reason")
            try require(state.replacesWithinFields, "nothing replaces another field's version")
            let covered = zip(state.versions, state.covered).filter(\.1).map(\.0.id)
            let coveredLater = Set(zip(final.versions, final.covered).filter(\.1).map(\.0.id))
            try require(coveredLater.isSuperset(of: covered), "what is covered stays covered")
        }
        for field in Set(final.versions.map(\.field)) where field.mergeRule != .purge {
            let versions = final.versions.filter { $0.field == field }
            let replaced = Set(versions.flatMap(\.replaces))
            let kept = versions.count { replaced.contains($0.id) && !$0.isTrimmed }
            try require(kept <= limit, "a field keeps at most \(limit) replaced values", "\(field) keeps \(kept)")
        }
    }
}
