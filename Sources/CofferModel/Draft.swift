/// An edit before it has an id: what its author was shown is fixed here (docs/merge.md).
package import CofferMerge

/// One edit of one field. What it replaces and saw is the state that was shown, never a newer one.
package struct Draft: Sendable {
    package let field: FieldName
    package let value: FieldValue
    /// Ascending.
    package let replaces: [VersionID]
    /// Ascending; for trash and purge only.
    package let seen: [VersionID]

    /// Whether the edit makes the entry larger by more than a few bytes of its own.
    package var bringsText: Bool {
        switch (field, value) {
        case (_, .removed), (_, .flag), (_, .number), (.purge, _): false
        // A code that is marked has its text already.
        case (.element(FieldName.Kind.code, _), .marked): replaces.isEmpty
        default: true
        }
    }

    package init(field: FieldName, value: FieldValue, replaces: [VersionID] = [], seen: [VersionID] = []) {
        self.field = field
        self.value = value
        self.replaces = replaces.sorted()
        self.seen = seen.sorted()
    }
}

extension Entry {
    /// The edit that makes `field` hold `value`; nil when it already does and nothing is in conflict.
    package func draft(_ field: FieldName, _ value: FieldValue) -> Draft? {
        let shown = heads[field] ?? []
        if shown.isEmpty && value == .removed { return nil }
        if !shown.isEmpty && shown.allSatisfy({ $0.content?.value == value }) { return nil }
        return Draft(field: field, value: value, replaces: shown.map(\.id))
    }

    /// The edit that puts the entry into the trash (`true`) or takes it out again.
    package func trashDraft(_ isTrash: Bool) -> Draft {
        Draft(
            field: .trash, value: .flag(isTrash), replaces: (heads[.trash] ?? []).map(\.id), seen: shownHeadIDs)
    }

    /// The edit that takes every value seen here out of the vault for good; nil unless the entry is in the trash.
    package func purgeDraft() -> Draft? {
        guard state == .trash else { return nil }
        return Draft(field: .purge, value: .plain(title), seen: shownHeadIDs)
    }

    private var shownHeadIDs: [VersionID] { heads.values.flatMap { $0.map(\.id) } }
}
