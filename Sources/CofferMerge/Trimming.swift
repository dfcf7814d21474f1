/// Which versions keep their content (docs/format.md, "Trimming").

extension VersionSet {
    /// The set in the form that files hold: covered versions and old history have lost their content.
    ///
    /// A pure function of the set: clocks, machines and the order of merging have no part in it. It is what makes
    /// merging associative: a version that one machine trims would be trimmed by every machine that knows more.
    @inlinable public func trimmed(historyLimit: Int) throws(MergeError) -> VersionSet {
        let ancestry = Ancestry(self)
        guard let chains = ancestry.chains() else { throw .circle(versions[0].id) }
        let keeps = keeps(ancestry, chains, historyLimit)
        guard versions.indices.contains(where: { !keeps[$0] && !versions[$0].isTrimmed }) else { return self }
        return VersionSet(ascending: versions.indices.map { keeps[$0] ? versions[$0] : versions[$0].trimmed })
    }

    /// Whether the set is in the form that files hold: what trimming leaves of it, trimmed with reason only, and replacing
    /// within fields. Throws for a circle.
    @inlinable public func isFileForm(historyLimit: Int) throws(MergeError) -> Bool {
        let ancestry = Ancestry(self)
        guard let chains = ancestry.chains() else { throw .circle(versions[0].id) }
        let covered = covered(ancestry)
        let keeps = keeps(ancestry, chains, historyLimit, covered)
        return versions.indices.allSatisfy { position in
            versions[position].isTrimmed ? ancestry.isReplaced[position] || covered[position] : keeps[position]
        } && replacesWithinFields
    }

    /// For each version, whether trimming leaves its content.
    @inlinable func keeps(
        _ ancestry: Ancestry, _ chains: [Int], _ historyLimit: Int, _ covered: [Bool]? = nil
    ) -> [Bool] {
        var keeps = (covered ?? self.covered(ancestry)).map { !$0 }
        // Most entries have less history in all than a single field may have.
        guard ancestry.isReplaced.count(where: { $0 }) > historyLimit else { return keeps }
        for field in history(ancestry, chains) {
            for rank in field.dropFirst(historyLimit) { keeps[rank] = false }
        }
        return keeps
    }

    /// The positions of each field's replaced versions, the ones to keep longest first.
    @inlinable func history(_ ancestry: Ancestry, _ chains: [Int]) -> [[Int]] {
        // Of the versions that replace it, the one with the greatest (chain, id); positions ascend with ids.
        var replacer = [Int?](repeating: nil, count: versions.count)
        for (position, below) in ancestry.replaced.enumerated() {
            for lower in below {
                guard let known = replacer[lower], (chains[known], known) > (chains[position], position) else {
                    replacer[lower] = position
                    continue
                }
            }
        }
        func rank(_ position: Int) -> (Int, Int, Int, Int) {
            let above = replacer[position] ?? position
            return (chains[above], above, chains[position], position)
        }
        var fields: [Field: [Int]] = [:]
        for position in versions.indices where ancestry.isReplaced[position] {
            fields[versions[position].field, default: []].append(position)
        }
        return fields.values.map { $0.sorted { rank($0) > rank($1) } }
    }
}
