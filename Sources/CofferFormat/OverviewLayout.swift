/// Where the parts of an overview lie in the index.
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
    package static func scan(_ bytes: borrowing Span<UInt8>, at cursor: inout CBORCursor) throws(FormatError)
        -> OverviewLayout
    {
        var layout = OverviewLayout()
        var modifiedSeconds: UInt64?
        var keys = KeyReader(pairs: try cursor.map(bytes, atMost: 13))
        while let key = try keys.next(bytes, &cursor) {
            if key == OverviewCoding.Key.modified {
                modifiedSeconds = try cursor.unsigned(bytes)
            } else {
                try layout.scanValue(of: key, bytes, &cursor)
            }
        }
        guard modifiedSeconds != layout.createdSeconds else { throw .notCanonical }
        layout.modifiedSeconds = modifiedSeconds ?? layout.createdSeconds
        return layout
    }

    /// Reads the value of any key but the time of modification, which is told from that of creation.
    private mutating func scanValue(
        of key: UInt64, _ bytes: borrowing Span<UInt8>, _ cursor: inout CBORCursor
    ) throws(FormatError) {
        typealias Key = OverviewCoding.Key
        switch key {
        case Key.title: title = try Self.text(bytes, &cursor, isEmptyAllowed: false)
        case Key.username: username = try Self.text(bytes, &cursor)
        case Key.urls: urls = try Self.texts(bytes, &cursor)
        case Key.tags: tags = try Self.texts(bytes, &cursor)
        case Key.template: template = try Self.text(bytes, &cursor)
        case Key.fields: fields = try Self.fields(bytes, &cursor)
        case Key.has:
            has = Overview.Has(rawValue: try Self.nonzero(bytes, &cursor))
            guard has.isSubset(of: .all) else { throw .unexpected }
        case Key.created: createdSeconds = try Self.nonzero(bytes, &cursor)
        case Key.codes:
            guard try cursor.array(bytes, atMost: 3) == 3 else { throw .unexpected }
            codes = Overview.Codes(
                activeSets: try cursor.unsigned(bytes), unused: try cursor.unsigned(bytes),
                used: try cursor.unsigned(bytes))
            guard codes != .init() else { throw .notCanonical }
        case Key.conflicts: conflicts = try Self.conflicts(bytes, &cursor)
        case Key.state:
            guard let state = UInt8(exactly: try Self.nonzero(bytes, &cursor)).flatMap(EntryState.init) else {
                throw .unexpected
            }
            self.state = state
        case Key.joinedInto: joinedInto = try Self.joinedInto(bytes, &cursor)
        default: throw .unexpected
        }
    }

    private static func text(
        _ bytes: borrowing Span<UInt8>, _ cursor: inout CBORCursor, isEmptyAllowed: Bool = true
    ) throws(FormatError) -> Place {
        let range = try cursor.text(bytes)
        guard range.count <= Limits.overviewText else { throw .limit("title, user name, URL, tag, template, purge") }
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
