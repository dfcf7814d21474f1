/// What listing and searching need of an overview, small enough for a hundred thousand of them at once.
package import CofferMerge
import CofferModel

/// Places in the index's bytes instead of strings; the rest of an overview is read when it is shown.
package struct OverviewSummary: Sendable {
    package typealias Place = OverviewLayout.Place

    package let title: Place
    package let username: Place
    private let urls: Place
    private let tags: Place
    private let fields: Place
    package let state: EntryState
    package let hasConflicts: Bool
    /// Whether the entry is joined into another one.
    package let isJoined: Bool

    init(_ layout: OverviewLayout) {
        title = layout.title
        username = layout.username
        urls = layout.urls
        tags = layout.tags
        fields = layout.fields
        state = layout.state
        hasConflicts = !layout.conflicts.isAbsent
        isJoined = !layout.joinedInto.isAbsent
    }

    /// Whether title, user name, a URL, a tag, or the name or text of a plain field satisfies `condition`.
    package func containsText(
        in bytes: borrowing Span<UInt8>, where condition: (borrowing Span<UInt8>, Range<Int>) -> Bool
    ) -> Bool {
        if condition(bytes, title.range) || condition(bytes, username.range) { return true }
        for (place, textsPerItem) in [(urls, 1), (tags, 1), (fields, 2)] where !place.isAbsent {
            // Arrays and maps were checked when they were found.
            var cursor = CBORCursor(place.range)
            let items =
                textsPerItem == 1 ? try? cursor.array(bytes, atMost: .max) : try? cursor.map(bytes, atMost: .max)
            for _ in 0..<(items ?? 0) * textsPerItem {
                guard let range = try? cursor.text(bytes) else { break }
                if condition(bytes, range) { return true }
            }
        }
        return false
    }
}
