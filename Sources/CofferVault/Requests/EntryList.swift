/// The overviews of many entries in the order in which they are shown, as one piece of memory.
package import CofferFormat
import CofferMemory
package import CofferModel

/// Overviews are private, not secret; a hundred thousand of them are faster as bytes than as strings.
package struct EntryList: Sendable {
    /// One entry: places are in the bytes of the list.
    package struct Item: Sendable {
        package let id: EntryID
        package let title: Range<Int>
        /// Nil where there is none.
        package let username: Range<Int>?
        package let hasConflicts: Bool
        let overview: Range<Int>

        init(id: EntryID, _ layout: OverviewLayout, _ overview: Range<Int>) {
            self.id = id
            title = layout.title.range
            username = layout.username.isAbsent ? nil : layout.username.range
            hasConflicts = !layout.conflicts.isAbsent
            self.overview = overview
        }

        init(id: EntryID, title: Range<Int>, username: Range<Int>?, hasConflicts: Bool, overview: Range<Int>) {
            (self.id, self.title, self.username) = (id, title, username)
            (self.hasConflicts, self.overview) = (hasConflicts, overview)
        }
    }

    private let arena: SecretArena
    package let items: [Item]
    /// Whether the vault has no entry at all, trash and purged ones included.
    package let isVaultEmpty: Bool

    init(arena: SecretArena, items: [Item], isVaultEmpty: Bool) {
        (self.arena, self.items, self.isVaultEmpty) = (arena, items, isVaultEmpty)
    }

    /// Lends the bytes that the places point into.
    package func withBytes<Result, Failure: Error>(
        _ body: (borrowing Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(arena.span)
    }

    /// The whole overview of an item.
    package func overview(_ item: Item) -> Overview {
        var cursor = CBORCursor(item.overview)
        // What was scanned when the list was made is decodable.
        guard let layout = try? OverviewLayout.scan(arena.span, at: &cursor),
            let overview = try? OverviewCoding.decode(arena.span, layout)
        else { return Overview() }
        return overview
    }
}

extension EntryList: WireValue {
    package func write(to sink: inout WireSink) {
        sink.put(isVaultEmpty)
        sink.putArray(count: items.count)
        for item in items {
            sink.put(item.id)
            sink.put(arena.span.extracting(item.overview))
        }
    }

    package init(from reader: inout WireReader) throws(FormatError) {
        let isVaultEmpty = try reader.read(Bool.self)
        let arena = reader.arena
        let count = try reader.cursor.array(arena.span, atMost: Limits.entries)
        var items: [Item] = []
        items.reserveCapacity(min(count, (reader.cursor.end - reader.cursor.position) / EntryID.byteCount + 1))
        for _ in 0..<count {
            let id = try reader.read(EntryID.self)
            let start = reader.cursor.position
            let layout = try OverviewLayout.scan(arena.span, at: &reader.cursor)
            items.append(Item(id: id, layout, start..<reader.cursor.position))
        }
        self.init(arena: arena, items: items, isVaultEmpty: isVaultEmpty)
    }
}
