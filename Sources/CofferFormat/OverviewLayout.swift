/// Where the parts of an overview lie in the index, so that a hundred thousand of them cost no strings.
package import CofferMerge
package import CofferModel

/// Found in one strict pass; texts are read from the index when they are shown.
package struct OverviewLayout: Sendable {
    /// A range of the index's bytes in half the space: an index is shorter than 4 GiB.
    package struct Place: Sendable {
        private let start: UInt32
        private let length: UInt32

        static let absent = Place(0..<0)

        init(_ range: Range<Int>) {
            start = UInt32(truncatingIfNeeded: range.lowerBound)
            length = UInt32(truncatingIfNeeded: range.count)
        }

        package var range: Range<Int> { Int(start)..<Int(start) + Int(length) }
        package var isAbsent: Bool { start == 0 && length == 0 }
    }

    package private(set) var title = Place.absent
    package private(set) var username = Place.absent
    /// An array of texts.
    package private(set) var urls = Place.absent
    /// An array of texts.
    package private(set) var tags = Place.absent
    package private(set) var template = Place.absent
    /// A map of texts.
    package private(set) var fields = Place.absent
    /// An array of fields.
    package private(set) var conflicts = Place.absent
    /// An array of entry ids.
    package private(set) var joinedInto = Place.absent
    package private(set) var has = Overview.Has()
    package private(set) var createdSeconds: UInt64 = 0
    package private(set) var modifiedSeconds: UInt64 = 0
    package private(set) var codes = Overview.Codes()
    package private(set) var state = EntryState.live

    /// Reads one overview strictly: what this accepts encodes to the same bytes again.
    static func scan(_ bytes: borrowing Span<UInt8>, at cursor: inout CBORCursor) throws(FormatError) -> OverviewLayout
    {
        typealias Key = OverviewCoding.Key
        var layout = OverviewLayout()
        var keys = KeyReader(pairs: try cursor.map(bytes, atMost: 13))
        if try keys.next(Key.title, bytes, &cursor) { layout.title = try text(bytes, &cursor, isEmptyAllowed: false) }
        if try keys.next(Key.username, bytes, &cursor) { layout.username = try text(bytes, &cursor) }
        if try keys.next(Key.urls, bytes, &cursor) { layout.urls = try texts(bytes, &cursor) }
        if try keys.next(Key.tags, bytes, &cursor) { layout.tags = try texts(bytes, &cursor) }
        if try keys.next(Key.template, bytes, &cursor) { layout.template = try text(bytes, &cursor) }
        if try keys.next(Key.fields, bytes, &cursor) { layout.fields = try fields(bytes, &cursor) }
        if try keys.next(Key.has, bytes, &cursor) {
            layout.has = Overview.Has(rawValue: try nonzero(bytes, &cursor))
            guard layout.has.isSubset(of: .all) else { throw .unexpected }
        }
        if try keys.next(Key.created, bytes, &cursor) { layout.createdSeconds = try nonzero(bytes, &cursor) }
        layout.modifiedSeconds = layout.createdSeconds
        if try keys.next(Key.modified, bytes, &cursor) {
            layout.modifiedSeconds = try cursor.unsigned(bytes)
            guard layout.modifiedSeconds != layout.createdSeconds else { throw .notCanonical }
        }
        if try keys.next(Key.codes, bytes, &cursor) {
            guard try cursor.array(bytes, atMost: 3) == 3 else { throw .unexpected }
            layout.codes = Overview.Codes(
                activeSets: try cursor.unsigned(bytes), unused: try cursor.unsigned(bytes),
                used: try cursor.unsigned(bytes))
            guard layout.codes != .init() else { throw .notCanonical }
        }
        if try keys.next(Key.conflicts, bytes, &cursor) { layout.conflicts = try conflicts(bytes, &cursor) }
        if try keys.next(Key.state, bytes, &cursor) {
            guard let state = UInt8(exactly: try nonzero(bytes, &cursor)).flatMap(EntryState.init) else {
                throw .unexpected
            }
            layout.state = state
        }
        if try keys.next(Key.joinedInto, bytes, &cursor) { layout.joinedInto = try joinedInto(bytes, &cursor) }
        try keys.finish()
        return layout
    }

    private static func text(
        _ bytes: borrowing Span<UInt8>, _ cursor: inout CBORCursor, isEmptyAllowed: Bool = true
    ) throws(FormatError) -> Place {
        let range = try cursor.text(bytes)
        guard range.count <= Limits.overviewText else { throw .limit("title, user name, URL, tag, template") }
        guard isEmptyAllowed || !range.isEmpty else { throw .notCanonical }
        return Place(range)
    }

    /// Ascending by bytes, no text twice.
    private static func texts(
        _ bytes: borrowing Span<UInt8>, _ cursor: inout CBORCursor
    ) throws(FormatError) -> Place {
        let start = cursor.position
        let count = try cursor.array(bytes, atMost: .max)
        guard count > 0 else { throw .notCanonical }
        var last: Range<Int>?
        for _ in 0..<count {
            let item = try text(bytes, &cursor).range
            if let last { try CBORCursor.requireAscending(last, item, bytes) }
            last = item
        }
        return Place(start..<cursor.position)
    }

    private static func fields(
        _ bytes: borrowing Span<UInt8>, _ cursor: inout CBORCursor
    ) throws(FormatError) -> Place {
        let start = cursor.position
        let count = try cursor.map(bytes, atMost: .max)
        guard count > 0 else { throw .notCanonical }
        var last: Range<Int>?
        for _ in 0..<count {
            let keyStart = cursor.position
            let name = try cursor.text(bytes)
            guard !name.isEmpty else { throw .unexpected }
            guard name.count <= Limits.fieldName else { throw .limit("name of a custom field") }
            let key = keyStart..<cursor.position
            if let last { try CBORCursor.requireAscending(last, key, bytes) }
            last = key
            _ = try cursor.text(bytes)
        }
        return Place(start..<cursor.position)
    }

    private static func conflicts(
        _ bytes: borrowing Span<UInt8>, _ cursor: inout CBORCursor
    ) throws(FormatError) -> Place {
        try ascending(bytes, &cursor) { bytes, cursor throws(FormatError) in
            _ = try VersionCoding.decodeField(bytes, at: &cursor)
        }
    }

    private static func joinedInto(
        _ bytes: borrowing Span<UInt8>, _ cursor: inout CBORCursor
    ) throws(FormatError) -> Place {
        try ascending(bytes, &cursor) { bytes, cursor throws(FormatError) in
            _ = try cursor.byteString(bytes, count: EntryID.byteCount)
        }
    }

    /// An array of at least one item, whose encodings ascend.
    private static func ascending(
        _ bytes: borrowing Span<UInt8>, _ cursor: inout CBORCursor,
        item: (borrowing Span<UInt8>, inout CBORCursor) throws(FormatError) -> Void
    ) throws(FormatError) -> Place {
        let start = cursor.position
        let count = try cursor.array(bytes, atMost: .max)
        guard count > 0 else { throw .notCanonical }
        var last: Range<Int>?
        for _ in 0..<count {
            let itemStart = cursor.position
            try item(bytes, &cursor)
            let range = itemStart..<cursor.position
            if let last { try CBORCursor.requireAscending(last, range, bytes) }
            last = range
        }
        return Place(start..<cursor.position)
    }

    private static func nonzero(
        _ bytes: borrowing Span<UInt8>, _ cursor: inout CBORCursor
    ) throws(FormatError) -> UInt64 {
        let number = try cursor.unsigned(bytes)
        guard number != 0 else { throw .notCanonical }
        return number
    }
}

extension OverviewLayout {
    /// The ranges of all URLs, tags and plain fields with their names; the arrays were checked when they were found.
    package func texts(_ bytes: borrowing Span<UInt8>) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for (place, textsPerItem) in [(urls, 1), (tags, 1), (fields, 2)] where !place.isAbsent {
            var cursor = CBORCursor(place.range)
            let items =
                textsPerItem == 1 ? try? cursor.array(bytes, atMost: .max) : try? cursor.map(bytes, atMost: .max)
            for _ in 0..<(items ?? 0) * textsPerItem {
                guard let range = try? cursor.text(bytes) else { break }
                ranges.append(range)
            }
        }
        return ranges
    }
}
