/// An entry as a reader sees it: the values of its fields, its conflicts, its state (docs/format.md, "Reading an
/// entry").
package import CofferMemory
package import CofferMerge

package typealias EntryVersions = VersionSet<FieldName, FieldValue>
package typealias EntryVersion = Version<FieldName, FieldValue>

/// The current values of an entry. Where entries are joined, the versions of all of them read as one.
package struct Entry: Sendable {
    package let id: EntryID
    package let versions: EntryVersions
    /// The heads that count, by field, the one to show first: latest `at`, then greatest id.
    package let heads: [FieldName: [EntryVersion]]
    package let state: EntryState

    package init(id: EntryID, versions: EntryVersions) {
        self.id = id
        self.versions = versions
        let (heads, state) = versions.reading { $0 == .flag(true) }
        self.heads = Dictionary(grouping: heads, by: \.field).mapValues { heads in
            heads.count == 1 ? heads : heads.sorted { Entry.isShownBefore($0, $1) }
        }
        self.state = state
    }

    /// The current value of `field`; nil when it is absent or removed.
    package func value(_ field: FieldName) -> FieldValue? {
        guard let value = heads[field]?.first?.content?.value, value != .removed else { return nil }
        return value
    }

    package func text(_ field: FieldName) -> SecretSlice? { value(field)?.text }

    /// The title, or the one that the latest purge kept.
    package var title: String {
        if let title = text(.title) { return title.plainText }
        let purges = versions.versions.filter { $0.field == .purge }.sorted { Entry.isShownBefore($0, $1) }
        return purges.first?.content?.value.text?.plainText ?? ""
    }

    package var username: String? { text(.username)?.plainText }
    package var template: String? { text(.template)?.plainText }
    package var tags: [String] { presentTexts(FieldName.Kind.tag) }
    package var urls: [String] { presentTexts(FieldName.Kind.url) }

    /// The fields whose heads differ, ascending.
    package var conflicts: [FieldName] {
        heads.filter { field, heads in field.canConflict && !Entry.agree(heads) }.map(\.key).sorted()
    }

    /// The entries this one is joined into, ascending.
    package var joinedInto: [EntryID] {
        // Two machines may have joined the same two entries.
        Set(
            (heads[.joinedInto] ?? []).compactMap { head -> EntryID? in
                guard case .bytes(let id)? = head.content?.value else { return nil }
                return EntryID(id.span)
            }
        ).sorted()
    }

    /// Names of the custom fields that have a value, ascending by name.
    package func customFields(secret: Bool) -> [(name: String, text: SecretSlice)] {
        heads.keys.compactMap { field -> (name: String, text: SecretSlice)? in
            guard case .custom(let name) = field, case .marked(let text, secret)? = value(field) else { return nil }
            return (name, text)
        }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// The earliest time of the full versions, in seconds since 1970.
    package var createdSeconds: UInt64 { versions.versions.compactMap(\.content?.atSeconds).min() ?? 0 }

    /// The latest time of the full versions, in seconds since 1970.
    package var modifiedSeconds: UInt64 { versions.versions.compactMap(\.content?.atSeconds).max() ?? 0 }

    static func isShownBefore(_ one: EntryVersion, _ two: EntryVersion) -> Bool {
        (one.content?.atSeconds ?? 0, one.id) > (two.content?.atSeconds ?? 0, two.id)
    }

    private static func agree(_ heads: [EntryVersion]) -> Bool {
        heads.dropFirst().allSatisfy { $0.content?.value == heads[0].content?.value }
    }

    /// Tags and URLs: present beats absent (docs/merge.md).
    private func presentTexts(_ kind: UInt64) -> [String] {
        let texts = heads.flatMap { field, heads -> [String] in
            guard case .element(kind, _) = field else { return [] }
            return heads.compactMap { $0.content?.value.text?.plainText }
        }
        // After a change of the vault key one text can stand under two names. The same text has the same bytes.
        let different = Set(texts.map { Array($0.utf8) })
        return different.sorted { $0.lexicographicallyPrecedes($1) }.map { String(decoding: $0, as: UTF8.self) }
    }
}
