/// Encodes and decodes overviews (docs/format.md, "Overview").
import CofferMerge
package import CofferModel

package enum OverviewCoding {
    enum Key {
        static let title: UInt64 = 0
        static let username: UInt64 = 1
        static let urls: UInt64 = 2
        static let tags: UInt64 = 3
        static let template: UInt64 = 4
        static let fields: UInt64 = 5
        static let has: UInt64 = 6
        static let created: UInt64 = 7
        static let modified: UInt64 = 8
        static let codes: UInt64 = 9
        static let conflicts: UInt64 = 10
        static let state: UInt64 = 11
        static let joinedInto: UInt64 = 12
    }

    package static func encode<Sink: CBORSink & ~Copyable>(_ overview: Overview, into sink: inout Sink) {
        let modified = overview.modifiedSeconds == overview.createdSeconds ? nil : overview.modifiedSeconds
        let present: [Bool] = [
            !overview.title.isEmpty, overview.username != nil, !overview.urls.isEmpty, !overview.tags.isEmpty,
            overview.template != nil, !overview.fields.isEmpty, !overview.has.isEmpty, overview.createdSeconds != 0,
            modified != nil, overview.codes != .init(), !overview.conflicts.isEmpty, overview.state != .live,
            !overview.joinedInto.isEmpty,
        ]
        sink.putMap(count: present.count { $0 })
        if !overview.title.isEmpty { put(Key.title, overview.title, &sink) }
        if let username = overview.username { put(Key.username, username, &sink) }
        if !overview.urls.isEmpty { put(Key.urls, overview.urls, &sink) }
        if !overview.tags.isEmpty { put(Key.tags, overview.tags, &sink) }
        if let template = overview.template { put(Key.template, template, &sink) }
        if !overview.fields.isEmpty {
            sink.putUnsigned(Key.fields)
            sink.putMap(count: overview.fields.count)
            for field in overview.fields {
                sink.putText(field.name)
                sink.putText(field.text)
            }
        }
        if !overview.has.isEmpty { put(Key.has, overview.has.rawValue, &sink) }
        if overview.createdSeconds != 0 { put(Key.created, overview.createdSeconds, &sink) }
        if let modified { put(Key.modified, modified, &sink) }
        if overview.codes != .init() {
            sink.putUnsigned(Key.codes)
            sink.putArray(count: 3)
            sink.putUnsigned(overview.codes.activeSets)
            sink.putUnsigned(overview.codes.unused)
            sink.putUnsigned(overview.codes.used)
        }
        if !overview.conflicts.isEmpty {
            sink.putUnsigned(Key.conflicts)
            sink.putArray(count: overview.conflicts.count)
            for field in overview.conflicts { VersionCoding.encode(field, into: &sink) }
        }
        if overview.state != .live { put(Key.state, UInt64(overview.state.rawValue), &sink) }
        if !overview.joinedInto.isEmpty {
            sink.putUnsigned(Key.joinedInto)
            sink.putArray(count: overview.joinedInto.count)
            for id in overview.joinedInto { sink.putBytes(id.bytes) }
        }
    }

    /// The overview whose layout was found by ``OverviewLayout/scan(_:at:)``.
    package static func decode(_ bytes: borrowing Span<UInt8>, _ layout: OverviewLayout) throws(FormatError) -> Overview
    {
        var overview = Overview()
        overview.title = bytes.plainText(layout.title.range)
        overview.username = layout.username.isAbsent ? nil : bytes.plainText(layout.username.range)
        overview.urls = try texts(bytes, layout.urls)
        overview.tags = try texts(bytes, layout.tags)
        overview.template = layout.template.isAbsent ? nil : bytes.plainText(layout.template.range)
        if !layout.fields.isAbsent {
            var cursor = CBORCursor(layout.fields.range)
            for _ in 0..<(try cursor.map(bytes, atMost: .max)) {
                let name = bytes.plainText(try cursor.text(bytes))
                overview.fields.append(.init(name: name, text: bytes.plainText(try cursor.text(bytes))))
            }
        }
        overview.has = layout.has
        overview.createdSeconds = layout.createdSeconds
        overview.modifiedSeconds = layout.modifiedSeconds
        overview.codes = layout.codes
        if !layout.conflicts.isAbsent {
            var cursor = CBORCursor(layout.conflicts.range)
            for _ in 0..<(try cursor.array(bytes, atMost: .max)) {
                overview.conflicts.append(try VersionCoding.decodeField(bytes, at: &cursor))
            }
        }
        overview.state = layout.state
        if !layout.joinedInto.isAbsent {
            var cursor = CBORCursor(layout.joinedInto.range)
            for _ in 0..<(try cursor.array(bytes, atMost: .max)) {
                let range = try cursor.byteString(bytes, count: EntryID.byteCount)
                if let id = EntryID(bytes.extracting(range)) { overview.joinedInto.append(id) }
            }
        }
        return overview
    }

    private static func texts(
        _ bytes: borrowing Span<UInt8>, _ place: OverviewLayout.Place
    ) throws(FormatError) -> [String] {
        guard !place.isAbsent else { return [] }
        var cursor = CBORCursor(place.range)
        var texts: [String] = []
        for _ in 0..<(try cursor.array(bytes, atMost: .max)) { texts.append(bytes.plainText(try cursor.text(bytes))) }
        return texts
    }

    private static func put<Sink: CBORSink & ~Copyable>(_ key: UInt64, _ text: String, _ sink: inout Sink) {
        sink.putUnsigned(key)
        sink.putText(text)
    }

    private static func put<Sink: CBORSink & ~Copyable>(_ key: UInt64, _ texts: [String], _ sink: inout Sink) {
        sink.putUnsigned(key)
        sink.putArray(count: texts.count)
        for text in texts { sink.putText(text) }
    }

    private static func put<Sink: CBORSink & ~Copyable>(_ key: UInt64, _ number: UInt64, _ sink: inout Sink) {
        sink.putUnsigned(key)
        sink.putUnsigned(number)
    }
}
