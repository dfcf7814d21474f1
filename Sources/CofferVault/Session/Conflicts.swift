/// Fields with several values, and choosing one (docs/merge.md, "Conflicts").
import CofferFormat
import CofferMerge
package import CofferModel

/// A field that two machines gave different values, and nobody has chosen.
package struct FieldConflict: Sendable {
    package let entry: Entry
    package let field: FieldName
    /// The name of the field, as commands take it.
    package let name: String
    /// The heads, the latest first; equal values stand once.
    package let heads: [EntryVersion]

    /// The conflicts of `entry`, by field.
    package static func all(of entry: Entry) -> [FieldConflict] {
        entry.conflicts.map { field in
            FieldConflict(
                entry: entry, field: field, name: field.displayName ?? field.groupName,
                heads: (entry.heads[field] ?? []).reduce(into: []) { heads, head in
                    if !heads.contains(where: { $0.content?.value == head.content?.value }) { heads.append(head) }
                })
        }
    }
}

/// Live entries with the same title and user name: the same account, added on two machines.
package struct DuplicateEntries: Sendable {
    package let title: String
    package let username: String?
    /// Ascending; at least two.
    package let ids: [EntryID]
}

private struct AccountName: Hashable {
    let title: String
    let username: String?
}

extension Session {
    /// Every conflict, by title and field. Opens only the entries that have one.
    package func conflicts(_ disclosure: Disclosure = .nothing) throws(VaultError) -> [FieldConflict] {
        var found: [FieldConflict] = []
        var conflicting = ListEntries()
        conflicting.states = [.live, .trash]
        conflicting.isConflicting = true
        for item in try list(conflicting).items {
            found += FieldConflict.all(of: try entryNow(item.id, disclosure))
        }
        return found.sorted { ($0.entry.title, $0.entry.id, $0.field) < ($1.entry.title, $1.entry.id, $1.field) }
    }

    /// Live entries that share title and user name, by title. Opens joined entries only.
    package func duplicates() throws(VaultError) -> [DuplicateEntries] {
        var ids: [AccountName: [EntryID]] = [:]
        let all = try list(ListEntries())
        for item in all.items {
            let overview = all.overview(item)
            ids[AccountName(title: overview.title, username: overview.username), default: []].append(item.id)
        }
        return ids.filter { $0.value.count > 1 }
            .map { DuplicateEntries(title: $0.key.title, username: $0.key.username, ids: $0.value.sorted()) }
            .sorted { ($0.title, $0.ids[0]) < ($1.title, $1.ids[0]) }
    }

    /// Makes the value of `head` the only one of its field: a new version that replaces every head that was shown.
    package func settle(_ conflict: FieldConflict, with head: EntryVersion) throws(VaultError) {
        guard let value = head.content?.value, let draft = conflict.entry.draft(conflict.field, value) else { return }
        // A counter belongs to the version that holds its secret: the chosen secret goes on where it was.
        guard conflict.field == .otp, let counter = highestCounter(of: head, in: conflict.entry) else {
            return try edit(conflict.entry, [draft])
        }
        try saveSecret(conflict.entry, draft, .number(counter))
    }

    private func highestCounter(of head: EntryVersion, in entry: Entry) -> UInt64? {
        (entry.heads[.counter(of: head.id)] ?? []).compactMap { head -> UInt64? in
            guard case .number(let count)? = head.content?.value else { return nil }
            return count
        }.max()
    }
}
