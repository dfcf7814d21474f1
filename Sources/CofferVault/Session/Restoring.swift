/// Brings the values of a backup back as new versions, so that what is newer stays in the history (docs/merge.md).
import CofferFormat
import CofferMemory
import CofferMerge
package import CofferModel

/// What restoring changed in one entry. Titles and names only.
package struct RestoredEntry: Sendable {
    package let id: EntryID
    package let title: String
    /// The fields that got a value of the backup, ascending by their names.
    package let fields: [String]
    /// Whether the vault had no trace of the entry.
    package let isAdded: Bool
}

extension Session {
    /// Gives every entry that is live in `backup` the values it had there.
    ///
    /// Nothing is taken away: fields and entries that came later stay. Used backup codes stay used, and counters never
    /// go back, because the services on the other side do not go back either.
    package func restore(_ backup: Backup) throws(VaultError) -> [RestoredEntry] {
        let old = try VaultState.authenticate(try Container.open(backup.path), vault.keys)
        var edits: [EntryEdit] = []
        var restored: [RestoredEntry] = []
        for position in old.index.records.indices {
            let then = try old.entry(at: position, vault.keys)
            guard then.state == .live else { continue }
            guard vault.position(of: then.id) != nil else {
                edits.append(EntryEdit(id: then.id, versions: then.versions))
                let names = Set(then.heads.keys.map(\.groupName))
                restored.append(RestoredEntry(id: then.id, title: then.title, fields: names.sorted(), isAdded: true))
                continue
            }
            let now = try vault.singleEntry(then.id)
            let (versions, fields) = try restoring(then, over: now)
            guard !fields.isEmpty else { continue }
            edits.append(EntryEdit(id: then.id, versions: versions))
            let names = Set(fields.map(\.groupName))
            restored.append(RestoredEntry(id: then.id, title: then.title, fields: names.sorted(), isAdded: false))
        }
        try vault.save(Edits(entries: edits))
        return restored
    }

    /// `now` with new versions of every field that `then` showed differently.
    private func restoring(_ then: Entry, over now: Entry) throws(VaultError) -> (EntryVersions, [FieldName]) {
        var added: [EntryVersion] = []
        var fields: [FieldName] = []
        for (field, heads) in then.heads.sorted(by: { $0.key < $1.key }) where field != .trash && field != .purge {
            let shown = now.heads[field] ?? []
            let wanted = Self.values(heads)
            guard !wanted.isEmpty, !Self.areSame(wanted, Self.values(shown)) else { continue }
            if !shown.isEmpty && Self.isFactOutside(field) {
                // What was spent then is spent, whatever the vault says now.
                guard let spent = wanted.first(where: { Self.isFurther($0, than: Self.values(shown)) }) else {
                    continue
                }
                fields.append(field)
                added.append(author.mint(Draft(field: field, value: spent, replaces: shown.map(\.id))))
                continue
            }
            fields.append(field)
            // A conflict that the backup shows is shown again: nobody has chosen.
            for value in wanted {
                let version = author.mint(Draft(field: field, value: value, replaces: shown.map(\.id)))
                added.append(version)
                if field == .otp { added += counter(of: heads, for: version, then, now) }
            }
        }
        var versions = try union(now.versions, added)
        if now.state == .trash {
            // It saw the values just written, and all others.
            versions = try union(versions, [author.mint(Entry(id: now.id, versions: versions).trashDraft(false))])
            fields.append(.trash)
        }
        return (versions, fields)
    }

    /// A counter belongs to the version that holds its secret: the secret that returns goes on where it was.
    private func counter(
        of heads: [EntryVersion], for version: EntryVersion, _ then: Entry, _ now: Entry
    ) -> [EntryVersion] {
        let counts = [then, now].flatMap { entry in
            heads.flatMap { entry.heads[.counter(of: $0.id)] ?? [] }.compactMap { head -> UInt64? in
                guard case .number(let count)? = head.content?.value else { return nil }
                return count
            }
        }
        guard let highest = counts.max() else { return [] }
        return [author.mint(Draft(field: .counter(of: version.id), value: .number(highest)))]
    }

    private func union(_ versions: EntryVersions, _ added: [EntryVersion]) throws(VaultError) -> EntryVersions {
        do throws(MergeError) {
            return try EntryVersions(versions.versions + added)
        } catch {
            throw error.asVaultError(path: vault.path)
        }
    }

    /// The different values of heads; what was removed is none.
    private static func values(_ heads: [EntryVersion]) -> [FieldValue] {
        heads.compactMap(\.content?.value).reduce(into: []) { values, value in
            if value != .removed && !values.contains(value) { values.append(value) }
        }
    }

    private static func areSame(_ one: [FieldValue], _ two: [FieldValue]) -> Bool {
        one.count == two.count && one.allSatisfy(two.contains)
    }

    /// Whether `value` is a used code where `shown` says unused, or a higher counter.
    private static func isFurther(_ value: FieldValue, than shown: [FieldValue]) -> Bool {
        switch value {
        case .marked(_, true): !shown.contains { if case .marked(_, true) = $0 { true } else { false } }
        case .number(let count):
            shown.allSatisfy { if case .number(let other) = $0 { other < count } else { true } }
        default: false
        }
    }

    /// What a service remembers, and no backup can take back.
    private static func isFactOutside(_ field: FieldName) -> Bool {
        guard case .element(let kind, _) = field else { return false }
        return [FieldName.Kind.code, FieldName.Kind.codeSet, FieldName.Kind.counter].contains(kind)
    }
}
