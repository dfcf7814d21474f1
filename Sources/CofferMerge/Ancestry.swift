/// Who replaces whom: heads, chains and what is reachable (docs/format.md, "Heads" and "Trimming").

/// The `replaces` arrows of a set, followed once and kept as positions.
public struct Ancestry {
    /// For each version, the positions of the versions that it replaces: those of its own field that are in the set.
    public let replaced: [[Int]]
    /// For each version, whether another one of its field replaces it.
    @usableFromInline let isReplaced: [Bool]

    /// Follows every arrow of `set` once.
    @inlinable public init<Field, Value>(_ set: VersionSet<Field, Value>) {
        var isReplaced = [Bool](repeating: false, count: set.versions.count)
        replaced = set.versions.map { version in
            version.replaces.compactMap { id -> Int? in
                guard let position = set.position(of: id), set.versions[position].field == version.field,
                    version.field.mergeRule != .purge
                else { return nil }
                isReplaced[position] = true
                return position
            }
        }
        self.isReplaced = isReplaced
    }

    /// The length of the longest path from each version down its `replaces`; nil when they form a circle.
    ///
    /// Goes by repeated removal, not by recursion: a chain may be a hundred thousand versions long.
    @inlinable public func chains() -> [Int]? {
        var waiting = replaced.map(\.count)
        var replacers = [[Int]](repeating: [], count: replaced.count)
        for (position, below) in replaced.enumerated() {
            for lower in below { replacers[lower].append(position) }
        }
        var chains = [Int](repeating: 0, count: replaced.count)
        var ready = waiting.indices.filter { waiting[$0] == 0 }
        var done = 0
        while let position = ready.popLast() {
            done += 1
            for upper in replacers[position] {
                chains[upper] = max(chains[upper], chains[position] + 1)
                waiting[upper] -= 1
                if waiting[upper] == 0 { ready.append(upper) }
            }
        }
        return done == replaced.count ? chains : nil
    }

    /// Marks every version that `start` reaches, itself included.
    @inlinable func reachable(from start: some Sequence<Int>) -> [Bool] {
        var marked = [Bool](repeating: false, count: replaced.count)
        var waiting = Array(start)
        while let position = waiting.popLast() {
            guard !marked[position] else { continue }
            marked[position] = true
            waiting.append(contentsOf: replaced[position])
        }
        return marked
    }
}

extension VersionSet {
    /// Every version that no other version of its field replaces, purge versions included, ascending by id.
    @inlinable public var heads: [Element] {
        let ancestry = Ancestry(self)
        return versions.indices.filter { !ancestry.isReplaced[$0] }.map { versions[$0] }
    }

    /// Whether every version without content is one that trimming may have met: replaced or covered.
    @inlinable public var isTrimmedWithReason: Bool {
        let ancestry = Ancestry(self)
        let covered = covered(ancestry)
        return versions.indices.allSatisfy { !versions[$0].isTrimmed || ancestry.isReplaced[$0] || covered[$0] }
    }

    /// Whether no version replaces one of another field, which honest edits never do.
    @inlinable public var replacesWithinFields: Bool {
        versions.allSatisfy { version in
            version.replaces.allSatisfy { self[$0].map { $0.field == version.field } ?? true }
        }
    }

    /// For each version, whether a purge covers it (docs/merge.md).
    @inlinable public var covered: [Bool] { covered(Ancestry(self)) }

    @inlinable func covered(_ ancestry: Ancestry) -> [Bool] {
        var start: [Int] = []
        for version in versions where version.field.mergeRule == .purge {
            for id in version.content?.seen ?? [] {
                if let position = position(of: id), versions[position].field.mergeRule != .purge {
                    start.append(position)
                }
            }
        }
        guard !start.isEmpty else { return [Bool](repeating: false, count: versions.count) }
        return ancestry.reachable(from: start)
    }
}
