/// Compares other states of the vault with the vault's own, and says what a merge of them would save (docs/merge.md).
import CofferFormat
import CofferMerge
import CofferModel

/// Collects what states hold that the vault does not, one state after the other: none of them need stay open.
struct MergePlan {
    private let vault: OpenVault
    /// The united versions of the entries in which some state differs from the vault.
    private var incoming: [EntryID: EntryVersions] = [:]
    /// What the vault holds of those entries.
    private var held: [EntryID: EntryVersions] = [:]
    /// With what comes in.
    private var entryCount: Int
    private var registry: EntryVersions
    private var settings: EntryVersions

    init(_ vault: OpenVault) {
        self.vault = vault
        entryCount = vault.recordCount
        registry = vault.state.index.registry
        settings = vault.state.index.settings
    }

    /// Takes in all that `other` holds, or nothing of it when it throws: when it contradicts what is known, or is damaged.
    mutating func add(_ other: borrowing VaultState) throws(VaultError) {
        var changed: [EntryID: EntryVersions] = [:]
        // The same sealed bytes are the same versions: those entries stay closed.
        for position in vault.state.index.differences(from: other.index) {
            let id = other.index.records[position].id
            let versions = try other.versions(at: position, vault.keys)
            changed[id] = try merged(known(id), versions, EntryFrame.historyLimit, other.container.path)
        }
        let registry = try merged(
            registry, other.index.registry, Index.registryHistoryLimit, other.container.path)
        let settings = try merged(settings, other.index.settings, EntryFrame.historyLimit, other.container.path)
        guard try slots(registry, other.container.path).live.count <= Limits.keySlots else {
            throw .limitExceeded(what: "\(Limits.keySlots) key slots after the merge")
        }
        let added = changed.keys.count { incoming[$0] == nil && vault.position(of: $0) == nil }
        guard added == 0 || entryCount + added <= Limits.entriesWritten else {
            throw .limitExceeded(what: "\(Limits.entriesWritten) entries after the merge")
        }
        entryCount += added
        incoming.merge(changed) { $1 }
        self.registry = registry
        self.settings = settings
    }

    /// Takes in the versions of one entry, from a file with other keys.
    mutating func add(_ id: EntryID, _ versions: EntryVersions, from path: String) throws(VaultError) {
        let held = try versionsNow(id)
        let union = try merged(incoming[id] ?? held, versions, EntryFrame.historyLimit, path)
        // What brings nothing need not stay open.
        if union == held && incoming[id] == nil {
            self.held[id] = nil
        } else {
            incoming[id] = union
        }
    }

    /// Takes in settings, from a file with other keys.
    mutating func add(settings other: EntryVersions, from path: String) throws(VaultError) {
        settings = try merged(settings, other, EntryFrame.historyLimit, path)
    }

    /// What there is to save, and what it does.
    func finish() throws(VaultError) -> (edits: Edits, report: MergeReport) {
        var edits = Edits()
        var report = MergeReport()
        for (id, versions) in incoming.sorted(by: { $0.key < $1.key }) {
            // Trimmed when it was added; trimming a union of trimmed sets once is enough.
            let (known, merged) = (held[id] ?? EntryVersions(), versions)
            guard merged != known else { continue }
            let entry = MergedEntry(id: id, from: known, to: merged)
            guard EntryFrame.contentCount(merged) <= Limits.entryContent else {
                report.tooLarge.append(entry)
                continue
            }
            edits.entries.append(
                EntryEdit(
                    id: id, merged: merged, addedCount: merged.versions.count - known.versions.count))
            report.entries.append(entry)
        }
        report.entries.sort { ($0.title, $0.id) < ($1.title, $1.id) }
        try addSlots(to: &edits, &report)
        if settings != vault.state.index.settings { edits.settings = settings }
        return (edits, report)
    }

    private mutating func known(_ id: EntryID) throws(VaultError) -> EntryVersions {
        if let versions = incoming[id] { return versions }
        return try versionsNow(id)
    }

    /// What the vault holds of an entry; nothing of one that it does not know.
    private mutating func versionsNow(_ id: EntryID) throws(VaultError) -> EntryVersions {
        if let versions = held[id] { return versions }
        let position = vault.position(of: id)
        let versions =
            try position.map { place throws(VaultError) in try vault.state.versions(at: place, vault.keys) }
            ?? EntryVersions()
        held[id] = versions
        return versions
    }

    private func addSlots(to edits: inout Edits, _ report: inout MergeReport) throws(VaultError) {
        guard registry != vault.state.index.registry else { return }
        let (before, after) = (vault.registry, try slots(registry, vault.path))
        for key in after.live where !before.slots.contains(key.slot) {
            let role = key.slot.parameters.role
            let needsKeyFile = key.slot.parameters.flags.contains(.keyFile)
            let neededNone = before.live(role).contains { !$0.slot.parameters.flags.contains(.keyFile) }
            report.keys.append(
                MergedKey(
                    role: role, machine: key.version.content?.by ?? "",
                    isReplacing: before.live(role).contains { !after.slots.contains($0.slot) },
                    needsKeyFile: needsKeyFile && neededNone, needsNewKeyFile: needsKeyFile && !neededNone))
        }
        edits.registry = registry
    }

    /// What the heads of a registry say.
    private func slots(_ registry: EntryVersions, _ path: String) throws(VaultError) -> SlotRegistry {
        do throws(FormatError) {
            return try SlotRegistry(registry)
        } catch {
            throw error.asVaultError(path: path, place: "key slots")
        }
    }

    /// What a file holds after a merge of the two, of which `one` is in trimmed form already. A contradiction or a circle is
    /// refused with the file that brings it.
    private func merged(
        _ one: EntryVersions, _ two: EntryVersions, _ historyLimit: Int, _ path: String
    ) throws(VaultError) -> EntryVersions {
        do throws(MergeError) {
            let union = try one.union(two)
            return union == one ? one : try union.trimmed(historyLimit: historyLimit)
        } catch {
            let place =
                switch error {
                case .contradiction: "a version that differs from the vault's own of the same id"
                case .circle: "versions that replace each other in a circle"
                }
            throw error.asVaultError(path: path, place: place)
        }
    }
}
