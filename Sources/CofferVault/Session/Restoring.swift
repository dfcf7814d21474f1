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
    /// Whether codes or counters came back of which the vault itself no longer knew how far they were spent: the entry
    /// had been purged, or there was no trace of it. Then only the backups tell.
    package let mayHaveForgottenUses: Bool
}

extension LocalSession {
    /// Gives every entry that is live in `backup` the values it had there.
    ///
    /// Nothing is taken away: fields and entries that came later stay. Used backup codes stay used, and counters never
    /// go back, because the services on the other side do not go back either. Where a purge made the vault forget, that
    /// is as true as the backups that are left can tell.
    package func restore(_ backup: Backup) throws(VaultError) -> [RestoredEntry] {
        let old = try VaultState.authenticate(try Container.open(backup.path), vault.keys)
        let forgotten = old.index.records.map(\.id).filter { id in
            vault.position(of: id).map { vault.records[$0].summary.state == .purged } ?? true
        }
        let remembered = remembered(Set(forgotten))

        var edits: [EntryEdit] = []
        var restored: [RestoredEntry] = []
        for position in old.index.records.indices {
            let then = try old.entry(at: position, vault.keys)
            guard then.state == .live else { continue }
            let now = vault.position(of: then.id) == nil ? nil : try vault.singleEntry(then.id)
            let isForgotten = Self.isForgotten(then, now)
            let known = isForgotten ? remembered[then.id] ?? self.remembered([then.id])[then.id] : nil
            let (versions, fields) = try restoring(then, over: now ?? then, known)
            guard now == nil || !fields.isEmpty else { continue }
            let names = Set(now == nil ? then.heads.keys.map(\.groupName) : fields.map(\.groupName))
            edits.append(EntryEdit(id: then.id, versions: versions))
            restored.append(
                RestoredEntry(
                    id: then.id, title: then.title, fields: names.sorted(), isAdded: now == nil,
                    mayHaveForgottenUses: isForgotten))
        }
        try vault.save(Edits(entries: edits))
        return restored
    }

    /// Whether the vault no longer knows how far something of `then` was spent: a purge took that knowledge too.
    private static func isForgotten(_ then: Entry, _ now: Entry?) -> Bool {
        let facts = then.heads.keys.filter(isFactOutside)
        guard let now else { return !facts.isEmpty }
        return facts.contains { now.heads[$0] == nil } && now.versions.versions.contains { $0.field == .purge }
    }

    /// What the backups that open hold of entries that the vault has forgotten.
    private func remembered(_ ids: Set<EntryID>) -> [EntryID: Entry] {
        guard !ids.isEmpty else { return [:] }
        var versions: [EntryID: EntryVersions] = [:]
        for backup in Backups(ofVault: vault.path).list() {
            do throws(VaultError) {
                let state = try VaultState.authenticate(try Container.open(backup.path), vault.keys)
                for id in ids {
                    guard let position = state.index.position(of: id),
                        state.index.records[position].summary.state != .purged
                    else { continue }
                    let held = try state.entry(at: position, vault.keys)
                    guard held.heads.keys.contains(where: Self.isFactOutside) else { continue }
                    versions[id] = try union(versions[id] ?? EntryVersions(), held.versions.versions)
                }
            } catch {
                // One that does not open tells nothing.
                continue
            }
        }
        return Dictionary(uniqueKeysWithValues: versions.map { ($0.key, Entry(id: $0.key, versions: $0.value)) })
    }

    /// `now` with new versions of every field that `then` showed differently. `known` is what else tells of uses.
    private func restoring(
        _ then: Entry, over now: Entry, _ known: Entry?
    ) throws(VaultError) -> (EntryVersions, [FieldName]) {
        let told = [now] + [known].compactMap { $0 }
        let used = CodesByText(told.flatMap { BackupCodes($0).sets.flatMap(\.codes).filter(\.isUsed) })
        var added: [EntryVersion] = []
        var fields: [FieldName] = []
        for (field, heads) in then.heads.sorted(by: { $0.key < $1.key }) where field != .trash && field != .purge {
            let shown = now.heads[field] ?? []
            let wanted = Self.values(heads)
            guard !wanted.isEmpty else { continue }
            if Self.isFactOutside(field) {
                // What was spent then is spent, whatever the vault says now, and what was spent later too.
                var spent = Self.furthest(wanted + Self.values(known?.heads[field] ?? []))
                if case .marked(let text, false)? = spent, !used.all(text).isEmpty { spent = .marked(text, true) }
                guard let spent, shown.isEmpty || Self.isFurther(spent, than: Self.values(shown)) else { continue }
                fields.append(field)
                added.append(author.mint(Draft(field: field, value: spent, replaces: shown.map(\.id))))
                continue
            }
            guard !Self.areSame(wanted, Self.values(shown)) else { continue }
            fields.append(field)
            // A conflict that the backup shows is shown again: nobody has chosen.
            for value in wanted {
                let version = author.mint(Draft(field: field, value: value, replaces: shown.map(\.id)))
                added.append(version)
                if field == .otp { added += counter(of: value, for: version, [then] + told) }
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
    private func counter(of secret: FieldValue, for version: EntryVersion, _ entries: [Entry]) -> [EntryVersion] {
        let counts = entries.flatMap { entry in
            entry.versions.versions.filter { $0.field == .otp && $0.content?.value == secret }
                .flatMap { entry.heads[.counter(of: $0.id)] ?? [] }
                .compactMap { head -> UInt64? in
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

    /// The value that is spent furthest.
    private static func furthest(_ values: [FieldValue]) -> FieldValue? {
        values.dropFirst().reduce(values.first) { best, value in
            guard let best, isFurther(value, than: [best]) else { return best }
            return value
        }
    }

    /// What a service remembers, and no backup can take back.
    private static func isFactOutside(_ field: FieldName) -> Bool {
        guard case .element(let kind, _) = field else { return false }
        return [FieldName.Kind.code, FieldName.Kind.codeSet, FieldName.Kind.counter].contains(kind)
    }
}
