/// Live, in the trash or purged (docs/format.md, "Reading an entry").

/// What an entry is to a reader; the raw value is the one in the index.
public enum EntryState: UInt8, Sendable {
    case live = 0
    case trash = 1
    case purged = 2
}

extension VersionSet {
    /// The heads that no purge covers, purge versions left out: what a reader looks at.
    @inlinable public var visibleHeads: [Element] {
        let ancestry = Ancestry(self)
        return visibleHeads(ancestry)
    }

    @inlinable func visibleHeads(_ ancestry: Ancestry) -> [Element] {
        let covered = covered(ancestry)
        return versions.indices
            .filter { !ancestry.isReplaced[$0] && !covered[$0] && versions[$0].field.mergeRule != .purge }
            .map { versions[$0] }
    }

    /// The state of the entry; `saysTrash` reads the value of a trash version.
    @inlinable public func state(saysTrash: (Value) -> Bool) -> EntryState { reading(saysTrash: saysTrash).state }

    /// The visible heads and the state together, for which the arrows are followed once.
    ///
    /// An edit that the person who threw the entry away had not seen brings it back.
    @inlinable public func reading(saysTrash: (Value) -> Bool) -> (heads: [Element], state: EntryState) {
        let ancestry = Ancestry(self)
        let heads = visibleHeads(ancestry)
        return (heads, state(ancestry, heads, saysTrash))
    }

    @inlinable func state(_ ancestry: Ancestry, _ heads: [Element], _ saysTrash: (Value) -> Bool) -> EntryState {
        let isPurged = versions.contains { $0.field.mergeRule == .purge }
        guard !heads.isEmpty else { return isPurged ? .purged : .live }

        let trash = heads.filter { $0.field.mergeRule == .trash }
        let saysAllTrash = !trash.isEmpty && trash.allSatisfy { $0.content.map { saysTrash($0.value) } ?? false }
        guard saysAllTrash else { return .live }

        let seen = trash.flatMap { $0.content?.seen ?? [] }.compactMap(position(of:))
        let reached = ancestry.reachable(from: seen)
        let sawEverything = heads.allSatisfy { head in
            head.field.mergeRule == .trash || position(of: head.id).map { reached[$0] } ?? false
        }
        return sawEverything ? .trash : .live
    }
}
