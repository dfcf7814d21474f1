/// Takes in what other files of this vault hold (docs/merge.md): nothing is lost, and a clash keeps both values.
package import CofferFormat
package import CofferMerge
package import CofferModel

/// What merging does to one entry. Titles and names of fields only.
package struct MergedEntry: Equatable, Sendable {
    package let id: EntryID
    package let title: String
    /// Whether the vault had no trace of the entry.
    package let isAdded: Bool
    /// The fields that show another value than before, ascending by name; empty when only history came in.
    package let changed: [String]
    /// The fields that have several values now, and had not before.
    package let conflicts: [String]
    /// Whether an edit that the person who threw the entry away had not seen brought it back.
    package let isBroughtBack: Bool
    /// The state of the entry afterwards.
    package let state: EntryState
}

/// A master password or recovery key that was changed elsewhere and comes in with a merge.
package struct MergedKey: Equatable, Sendable {
    package let role: KeySlotParameters.Role
    /// The machine that made it.
    package let machine: String
    /// Whether a key that opened the vault before opens it no more; otherwise both do until one is chosen.
    package let isReplacing: Bool
    /// Whether it asks for a key file, which a key that opened the vault before did not.
    package let needsKeyFile: Bool
}

/// What merging does to the vault.
package struct MergeReport: Equatable, Sendable {
    /// In the order of their titles.
    package var entries: [MergedEntry] = []
    package var keys: [MergedKey] = []
    /// Entries that would exceed what a reader takes: left as they were, in full on both sides.
    package var tooLarge: [MergedEntry] = []

    package var isEmpty: Bool { entries.isEmpty && keys.isEmpty && tooLarge.isEmpty }
}

extension Session {
    /// Merges the files at `paths` into the vault in one save; with `isDryRun` only says what that would do.
    ///
    /// A file opens with the vault's own key, whatever its slots are: a master password that was changed elsewhere
    /// comes
    /// in with it. Files of another vault or another key epoch are refused, damaged ones too, and then nothing is
    /// merged.
    package func merge(_ paths: [String], isDryRun: Bool = false) throws(VaultError) -> MergeReport {
        let others = try paths.map { path throws(VaultError) in
            try OtherFile(path, vault.keys)
        }
        guard !isDryRun else { return try plan(others).report }
        return try vault.transaction { () throws(VaultError) in
            let (edits, report) = try plan(others)
            return (edits, report)
        }
    }

    /// Compares with the vault as it is now, under the lock when it will be saved.
    private func plan(_ others: [OtherFile]) throws(VaultError) -> (edits: Edits, report: MergeReport) {
        var incoming: [EntryID: EntryVersions] = [:]
        var edits = Edits()
        var registry = vault.state.index.registry
        var settings = vault.state.index.settings
        for other in others {
            for position in other.state.index.records.indices {
                let record = other.state.index.records[position]
                // The same sealed bytes are the same versions: those entries stay closed.
                if vault.state.index.pinsSameBox(as: other.state.index, record) { continue }
                let versions = try other.state.entry(at: position, vault.keys).versions
                var known = incoming[record.id]
                if known == nil { known = try versionsNow(record.id) }
                incoming[record.id] = try united(known ?? EntryVersions(), versions, other.path)
            }
            registry = try united(registry, other.state.index.registry, other.path)
            settings = try united(settings, other.state.index.settings, other.path)
        }

        var report = MergeReport()
        for (id, versions) in incoming.sorted(by: { $0.key < $1.key }) {
            let known = try versionsNow(id)
            let merged = try trimmed(versions, EntryFrame.historyLimit)
            guard merged != known else { continue }
            let entry = MergedEntry(id: id, from: known, to: merged)
            guard EntryFrame.contentCount(merged) <= Limits.entryContent else {
                report.tooLarge.append(entry)
                continue
            }
            edits.entries.append(EntryEdit(id: id, versions: merged, bringsText: false))
            report.entries.append(entry)
        }
        report.entries.sort { ($0.title, $0.id) < ($1.title, $1.id) }
        try addSlots(registry, to: &edits, &report)
        settings = try trimmed(settings, EntryFrame.historyLimit)
        if settings != vault.state.index.settings { edits.settings = settings }
        return (edits, report)
    }

    /// What the vault holds of an entry; nothing of one that it does not know.
    private func versionsNow(_ id: EntryID) throws(VaultError) -> EntryVersions {
        guard vault.position(of: id) != nil else { return EntryVersions() }
        return try vault.singleEntry(id).versions
    }

    private func addSlots(
        _ registry: EntryVersions, to edits: inout Edits, _ report: inout MergeReport
    ) throws(VaultError) {
        let merged = try trimmed(registry, Index.registryHistoryLimit)
        guard merged != vault.state.index.registry else { return }
        let after: SlotRegistry
        do throws(FormatError) {
            after = try SlotRegistry(merged)
        } catch {
            throw error.asVaultError(path: vault.path, place: "key slots")
        }
        guard after.live.count <= Limits.keySlots else {
            throw .limitExceeded(what: "\(Limits.keySlots) key slots after the merge")
        }
        let before = vault.registry
        for key in after.live where !before.slots.contains(key.slot) {
            let role = key.slot.parameters.role
            report.keys.append(
                MergedKey(
                    role: role, machine: key.version.content?.by ?? "",
                    isReplacing: before.live(role).contains { !after.slots.contains($0.slot) },
                    needsKeyFile: key.slot.parameters.flags.contains(.keyFile)
                        && before.live(role).contains { !$0.slot.parameters.flags.contains(.keyFile) }))
        }
        edits.registry = merged
    }

    private func united(
        _ one: EntryVersions, _ two: EntryVersions, _ path: String
    ) throws(VaultError) -> EntryVersions {
        do throws(MergeError) {
            return try one.union(two)
        } catch {
            throw error.asVaultError(path: path, place: "a version that differs from the vault's own of the same id")
        }
    }

    private func trimmed(_ versions: EntryVersions, _ historyLimit: Int) throws(VaultError) -> EntryVersions {
        do throws(MergeError) {
            return try versions.trimmed(historyLimit: historyLimit)
        } catch {
            throw error.asVaultError(path: vault.path, place: "versions that replace each other in a circle")
        }
    }
}

/// An authenticated file beside the vault: a conflict copy, a backup, a replica.
private final class OtherFile {
    let path: String
    let state: VaultState

    init(_ path: String, _ keys: KeyHierarchy) throws(VaultError) {
        self.path = path
        let container = try Container.open(path)
        let header = container.header
        guard header.context.vaultID == keys.context.vaultID else {
            throw .refused(
                why: "\(path) is a different vault; nothing was changed",
                remedy:
                    "Two vaults are never merged. To take entries over, export them from one and import them into the other."
            )
        }
        guard header.context == keys.context else {
            throw .refused(
                why: "\(path) belongs to another key epoch of this vault; nothing was changed",
                remedy: "Open it with the password of that epoch: coffer ls --vault FILE")
        }
        state = try VaultState.authenticate(container, keys)
    }
}

extension MergedEntry {
    fileprivate init(id: EntryID, from known: EntryVersions, to merged: EntryVersions) {
        let (before, after) = (Entry(id: id, versions: known), Entry(id: id, versions: merged))
        self.id = id
        title = after.title
        isAdded = known.isEmpty
        changed = Self.changed(before, after)
        conflicts = after.conflicts.filter { !before.conflicts.contains($0) }.map(\.groupName)
        isBroughtBack = before.state == .trash && after.state == .live
        state = after.state
    }

    private static func changed(_ before: Entry, _ after: Entry) -> [String] {
        let fields = Set(before.heads.keys).union(after.heads.keys)
        let changed = fields.filter { field in
            let (one, two) = (values(before, field), values(after, field))
            return one.count != two.count || !one.allSatisfy(two.contains)
        }
        return Set(changed.map(\.groupName)).sorted()
    }

    /// The different values that a field shows.
    private static func values(_ entry: Entry, _ field: FieldName) -> [FieldValue] {
        (entry.heads[field] ?? []).compactMap(\.content?.value).reduce(into: []) { values, value in
            if !values.contains(value) { values.append(value) }
        }
    }
}
