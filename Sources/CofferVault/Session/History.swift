/// What fields held before, and taking an edit back (docs/merge.md).
import CofferMerge
package import CofferModel
import CofferOTP

extension Session {
    /// The versions of the fields that satisfy `isWanted`, newest first.
    ///
    /// What replaces stands above what it replaces, however wrong the clocks were; apart from that the times decide.
    /// Versions that have lost their content come where the chain puts them.
    package func history(_ entry: Entry, where isWanted: (FieldName) -> Bool) -> [EntryVersion] {
        let ancestry = Ancestry(entry.versions)
        let versions = entry.versions.versions
        let chains = ancestry.chains() ?? versions.map { _ in 0 }
        // A version is at least as late as the latest that it replaces.
        var times = versions.map { $0.content?.atSeconds ?? 0 }
        let positions = versions.indices.sorted { chains[$0] < chains[$1] }
        for position in positions {
            for lower in ancestry.replaced[position] { times[position] = max(times[position], times[lower]) }
        }
        return positions.filter { isWanted(versions[$0].field) }
            .sorted { one, two in
                if (times[one], chains[one]) != (times[two], chains[two]) {
                    return (times[one], chains[one]) > (times[two], chains[two])
                }
                // What was saved at once stands in the order of its fields.
                let (left, right) = (versions[one], versions[two])
                return left.field == right.field ? left.id > right.id : left.field < right.field
            }
            .map { versions[$0] }
    }

    /// Makes `field` hold what it held before its current value: a new version, so that an undo can be undone.
    /// Returns what the field holds then.
    @discardableResult
    package func undo(
        _ entry: Entry, _ field: FieldName, isDuplicateAllowed: Bool = false
    ) throws(VaultError) -> FieldValue {
        let name = field.displayName ?? "field"
        guard let head = entry.heads[field]?.first else { throw .notInEntry(what: name, title: entry.title) }
        guard (entry.heads[field] ?? []).count == 1 else { throw .conflict(title: entry.title, field: name) }
        let before = before(head, in: entry)
        guard let value = before?.content?.value ?? (head.replaces.isEmpty && field != .title ? .removed : nil),
            let draft = entry.draft(field, value)
        else { throw .notInEntry(what: "earlier value of \(name)", title: entry.title) }

        // The counter belongs to the version that holds the secret: an old secret that returns goes on where it was.
        if field == .otp, let old = before?.id, let counters = entry.heads[.counter(of: old)],
            let counter = counters.compactMap({ $0.content?.value }).max(by: Self.isLowerCounter)
        {
            try saveSecret(entry, draft, counter)
        } else {
            try change(entry, [draft], isDuplicateAllowed: isDuplicateAllowed)
        }
        return value
    }

    /// Takes back the last change of the elements of `kind` (tags or URLs): all that one machine wrote at that time.
    /// Returns how many elements came back and how many went.
    package func undoElements(_ entry: Entry, kind: UInt64) throws(VaultError) -> (added: Int, removed: Int) {
        let heads = entry.heads.filter { field, _ in
            guard case .element(kind, _) = field else { return false }
            return true
        }.values.joined()
        func origin(_ head: EntryVersion) -> (UInt64, String) { (head.content?.atSeconds ?? 0, head.content?.by ?? "") }
        guard let last = heads.map(origin).max(by: <) else {
            throw .notInEntry(what: "change of that field", title: entry.title)
        }
        var drafts: [Draft] = []
        for head in heads.filter({ origin($0) == last }).sorted(by: { $0.id < $1.id }) {
            let value = before(head, in: entry)?.content?.value ?? (head.replaces.isEmpty ? .removed : nil)
            guard let value, let draft = entry.draft(head.field, value) else { continue }
            drafts.append(draft)
        }
        guard try change(entry, drafts) else {
            throw .notInEntry(what: "earlier value of that field", title: entry.title)
        }
        let removed = drafts.count { $0.value == .removed }
        return (drafts.count - removed, removed)
    }

    /// The latest full version that `head` replaces.
    private func before(_ head: EntryVersion, in entry: Entry) -> EntryVersion? {
        head.replaces.compactMap { entry.versions[$0] }
            .filter { !$0.isTrimmed }
            .max { ($0.content?.atSeconds ?? 0, $0.id) < ($1.content?.atSeconds ?? 0, $1.id) }
    }

    /// Saves an edit of the one-time secret with the counter that goes with it.
    func saveSecret(_ entry: Entry, _ draft: Draft, _ counter: FieldValue) throws(VaultError) {
        let version = author.mint(draft)
        let counter = author.mint(Draft(field: .counter(of: version.id), value: counter))
        let edited: EntryVersions
        do throws(MergeError) {
            edited = try EntryVersions([version, counter])
        } catch {
            throw error.asVaultError(path: path)
        }
        try save([EntryEdit(id: entry.id, versions: edited)])
    }

    private static func isLowerCounter(_ one: FieldValue, _ two: FieldValue) -> Bool {
        guard case .number(let left) = one, case .number(let right) = two else { return false }
        return left < right
    }
}
