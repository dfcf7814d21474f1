/// Which entries are shown as one (docs/format.md, "Reading an entry").
import CofferFormat
import CofferModel

/// The groups of joined entries; empty for most vaults, and then nothing is computed.
struct Joins {
    /// For every position that is joined with others: the positions of its group, the shown one first.
    private let groups: [Int: [Int]]

    init(_ state: borrowing VaultState) throws(VaultError) {
        var parent: [Int: Int] = [:]
        func root(_ position: Int) -> Int {
            var root = position
            while let next = parent[root], next != root { root = next }
            // What was passed points at the root from now on: a long chain is walked once.
            var passed = position
            while passed != root {
                let next = parent[passed]
                parent[passed] = root
                passed = next ?? root
            }
            return root
        }
        var joining: Set<Int> = []
        for (position, record) in state.index.records.enumerated() where record.summary.isJoined {
            let joinedInto: [EntryID]
            do throws(FormatError) {
                joinedInto = try state.index.overview(record).joinedInto
            } catch {
                throw error.asVaultError(path: state.container.path, place: "index")
            }
            for target in joinedInto {
                guard let other = state.index.position(of: target), other != position else { continue }
                joining.insert(position)
                parent[root(position)] = root(other)
                if parent[root(other)] == nil { parent[root(other)] = root(other) }
            }
        }
        var members: [Int: [Int]] = [:]
        for position in parent.keys { members[root(position), default: []].append(position) }
        var groups: [Int: [Int]] = [:]
        for group in members.values {
            // Positions ascend with ids: the first that is joined into no other, else the first of the circle.
            let ordered = group.sorted()
            let shown = ordered.first { !joining.contains($0) } ?? ordered[0]
            let list = [shown] + ordered.filter { $0 != shown }
            for position in list { groups[position] = list }
        }
        self.groups = groups
    }

    /// Whether no entry is joined with another, as in most vaults.
    var isEmpty: Bool { groups.isEmpty }

    /// The positions that are shown as one with `position`, the shown one first.
    func group(of position: Int) -> [Int] { groups[position] ?? [position] }

    /// Whether the entry at `position` is shown as one with others.
    func isJoined(_ position: Int) -> Bool { groups[position] != nil }

    /// Whether the entry at `position` is shown as part of another one.
    func isHidden(_ position: Int) -> Bool { groups[position].map { $0[0] != position } ?? false }
}
