/// What a field held before, and taking an edit back (D4, rules 3 and 8).
import CofferMerge
package import CofferModel
import CofferOTP

extension Session {
    /// The versions of `field`, newest first; trimmed ones have lost their content.
    package func history(_ entry: Entry, _ field: FieldName) -> [EntryVersion] {
        entry.versions.versions.filter { $0.field == field }.reversed()
            .sorted { ($0.content?.atSeconds ?? 0) > ($1.content?.atSeconds ?? 0) }
    }

    /// Makes `field` hold what it held before its current value: a new version, so that an undo can be undone.
    package func undo(_ entry: Entry, _ field: FieldName) throws(VaultError) {
        let name = field.displayName ?? "field"
        guard let head = entry.heads[field]?.first else { throw .notFound(what: "\(name) of \(entry.title)", near: []) }
        guard (entry.heads[field] ?? []).count == 1 else { throw .conflict(title: entry.title, field: name) }
        let before = head.replaces.compactMap { entry.versions[$0] }
            .filter { !$0.isTrimmed }
            .max { ($0.content?.atSeconds ?? 0, $0.id) < ($1.content?.atSeconds ?? 0, $1.id) }
        guard let value = before?.content?.value ?? (head.replaces.isEmpty && field != .title ? .removed : nil),
            let draft = entry.draft(field, value)
        else { throw .notFound(what: "earlier value of \(name) of \(entry.title)", near: []) }

        let version = author.mint(draft)
        var versions = [version]
        // The counter belongs to the version that holds the secret: an old secret that returns goes on where it was.
        if field == .otp, let old = before?.id, let counters = entry.heads[.counter(of: old)],
            let value = counters.compactMap({ $0.content?.value }).max(by: Self.isLowerCounter)
        {
            versions.append(author.mint(Draft(field: .counter(of: version.id), value: value)))
        }
        let group = try vault.groupIDs(of: entry.id)
        let own = group.count > 1 ? try vault.singleEntry(entry.id).versions : entry.versions
        guard let edited = try? EntryVersions(own.versions + versions) else {
            throw .damaged(path: vault.path, place: "versions that contradict each other")
        }
        try vault.save(Edits(entries: [EntryEdit(id: entry.id, versions: edited)]))
    }

    private static func isLowerCounter(_ one: FieldValue, _ two: FieldValue) -> Bool {
        guard case .number(let left) = one, case .number(let right) = two else { return false }
        return left < right
    }
}
