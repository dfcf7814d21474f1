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
    /// Whether it goes into the trash here, and was not there.
    package let isTrashed: Bool
    /// Whether all its values go for good, and had not yet.
    package let isPurged: Bool
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
    /// Whether it asks for a key file, as the one that it replaces did: which file is not known.
    package let needsNewKeyFile: Bool
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

extension LocalSession {
    /// Merges the files at `paths` into the vault in one save; with `isDryRun` only says what that would do.
    ///
    /// A file opens with the vault's own key, whatever its slots are: a master password that was changed elsewhere
    /// comes
    /// in with it. Files of another vault or another key epoch are refused, damaged ones too, and then nothing is
    /// merged.
    ///
    /// `otherEpochs` are files that their own password has opened: their versions come in, their slots do not.
    package func performMerge(
        _ paths: [String], otherEpochs: [OpenVault] = [], isDryRun: Bool = false
    ) throws(VaultError) -> MergeReport {
        let others = try paths.map { path throws(VaultError) in
            try OtherFile(path, vault.keys)
        }
        guard !isDryRun else { return try plan(others, otherEpochs).report }
        return try vault.transaction { () throws(VaultError) in try plan(others, otherEpochs) }
    }

    /// Compares with the vault as it is now, under the lock when it will be saved.
    private func plan(
        _ others: [OtherFile], _ otherEpochs: [OpenVault]
    ) throws(VaultError) -> (Edits, report: MergeReport) {
        var plan = MergePlan(vault)
        for other in otherEpochs { try plan.add(all: other) }
        for other in others { try plan.add(other.state) }
        return try plan.finish()
    }
}

/// An authenticated file beside the vault: a conflict copy, a backup, a replica.
private final class OtherFile {
    let state: VaultState

    init(_ path: String, _ keys: KeyHierarchy) throws(VaultError) {
        let container: Container
        do throws(VaultError) {
            container = try Container.open(path)
        } catch {
            // Nobody wants to make a vault there.
            guard case .vaultMissing = error else { throw error }
            throw .fileMissing(path: path)
        }
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
    init(id: EntryID, from known: EntryVersions, to merged: EntryVersions) {
        let (before, after) = (Entry(id: id, versions: known), Entry(id: id, versions: merged))
        self.id = id
        title = after.title
        isAdded = known.isEmpty
        changed = Self.changed(before, after)
        conflicts = after.conflicts.filter { !before.conflicts.contains($0) }.map(\.groupName)
        isBroughtBack = before.state == .trash && after.state == .live
        isTrashed = before.state == .live && after.state == .trash && !known.isEmpty
        isPurged = before.state != .purged && after.state == .purged && !known.isEmpty
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
