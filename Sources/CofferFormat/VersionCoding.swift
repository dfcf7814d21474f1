/// Encodes and decodes versions (docs/format.md, "Versions").
package import CofferMemory
import CofferMerge
package import CofferModel

package enum VersionCoding {
    enum Key {
        static let id: UInt64 = 0
        static let field: UInt64 = 1
        static let replaces: UInt64 = 2
        static let at: UInt64 = 3
        static let by: UInt64 = 4
        static let value: UInt64 = 5
        static let seen: UInt64 = 6
        static let firstUnknown: UInt64 = 7
    }

    /// Writes an array of versions.
    package static func encode<Sink: CBORSink & ~Copyable>(_ set: EntryVersions, into sink: inout Sink) {
        sink.putArray(count: set.versions.count)
        for version in set.versions { encode(version, includingID: true, into: &sink) }
    }

    /// Writes one version; without its id it is what the id is made from.
    package static func encode<Sink: CBORSink & ~Copyable>(
        _ version: EntryVersion, includingID: Bool, into sink: inout Sink
    ) {
        let content = version.content
        let hasSeen = content != nil && version.field.mergeRule != .register
        let unknown = content?.unknown.flatMap { unknown -> SecretSlice? in
            guard case .bytes(let pairs) = unknown else { return nil }
            return pairs
        }
        var pairs = 1 + (includingID ? 1 : 0) + (version.replaces.isEmpty ? 0 : 1)
        if content != nil { pairs += 3 + (hasSeen ? 1 : 0) + (unknown.map(pairCount) ?? 0) }

        sink.putMap(count: pairs)
        if includingID {
            sink.putUnsigned(Key.id)
            sink.putBytes(version.id.bytes)
        }
        sink.putUnsigned(Key.field)
        encode(version.field, into: &sink)
        if !version.replaces.isEmpty {
            sink.putUnsigned(Key.replaces)
            encode(version.replaces, into: &sink)
        }
        guard let content else { return }
        sink.putUnsigned(Key.at)
        sink.putUnsigned(content.atSeconds)
        sink.putUnsigned(Key.by)
        sink.putText(content.by)
        sink.putUnsigned(Key.value)
        encode(content.value, into: &sink)
        if hasSeen {
            sink.putUnsigned(Key.seen)
            encode(content.seen, into: &sink)
        }
        if let unknown { sink.put(unknown.span) }
    }

    package static func encode<Sink: CBORSink & ~Copyable>(_ field: FieldName, into sink: inout Sink) {
        switch field {
        case .known(let number): sink.putUnsigned(number)
        case .custom(let name): sink.putText(name)
        case .element(let kind, let keys):
            sink.putArray(count: 1 + keys.count)
            sink.putUnsigned(kind)
            for key in keys { sink.putBytes(key) }
        }
    }

    private static func encode<Sink: CBORSink & ~Copyable>(_ value: FieldValue, into sink: inout Sink) {
        switch value {
        case .removed: sink.putNull()
        case .flag(let flag): sink.putFlag(flag)
        case .number(let number): sink.putUnsigned(number)
        case .text(let text): sink.putText(text.span)
        case .bytes(let bytes): sink.putBytes(bytes.span)
        case .marked(let text, let mark):
            sink.putArray(count: 2)
            sink.putText(text.span)
            sink.putFlag(mark)
        }
    }

    private static func encode<Sink: CBORSink & ~Copyable>(_ ids: [VersionID], into sink: inout Sink) {
        sink.putArray(count: ids.count)
        for id in ids { sink.putBytes(id.bytes) }
    }

    /// Pairs kept from a newer program were checked when they were read.
    private static func pairCount(_ pairs: SecretSlice) -> Int {
        var cursor = CBORCursor(0..<pairs.count)
        var count = 0
        while !cursor.isAtEnd {
            guard (try? cursor.skip(pairs.span, depth: 0)) != nil, (try? cursor.skip(pairs.span, depth: 0)) != nil
            else { break }
            count += 1
        }
        return count
    }
}

extension VersionCoding {
    /// Whose versions an array holds, which decides what fields mean and how much history stays.
    package enum Owner: Sendable {
        case entry
        case registry
        case settings

        var historyLimit: Int {
            switch self {
            case .entry, .settings: EntryFrame.historyLimit
            case .registry: Index.registryHistoryLimit
            }
        }

        /// The registry's fields are the roles of slots, those of the settings are texts.
        func accepts(_ field: FieldName) -> Bool {
            switch (self, field) {
            case (.entry, _), (.registry, .known(1...2)), (.settings, .custom): true
            case (.registry, _), (.settings, _): false
            }
        }
    }

    /// Reads an array of versions in the form that files hold: ascending, without circles, trimmed.
    /// `depth` arrays and maps are around it.
    package static func decode(
        _ arena: SecretArena, at cursor: inout CBORCursor, of owner: Owner, depth: Int
    ) throws(FormatError) -> EntryVersions {
        let set = try decodeAscending(arena, at: &cursor, of: owner, depth: depth)
        let isFileForm: Bool
        do throws(MergeError) {
            isFileForm = try set.isFileForm(historyLimit: owner.historyLimit)
        } catch {
            throw .unexpected
        }
        guard isFileForm else { throw .notCanonical }
        return set
    }

    /// The same for versions that are not in a file: an edit alone, or what is shown of joined entries.
    package static func decodeAscending(
        _ arena: SecretArena, at cursor: inout CBORCursor, of owner: Owner, depth: Int
    ) throws(FormatError) -> EntryVersions {
        let count = try cursor.array(arena.span, atMost: .max)
        var versions: [EntryVersion] = []
        // A version takes at least sixteen bytes; reserve for no more than can be there.
        versions.reserveCapacity(min(count, (cursor.end - cursor.position) / 16 + 1))
        for _ in 0..<count {
            let version = try decodeVersion(arena, at: &cursor, of: owner, depth: depth + 2)
            if let last = versions.last, last.id >= version.id { throw .notCanonical }
            versions.append(version)
        }
        return EntryVersions(ascending: versions)
    }

    private static func decodeVersion(
        _ arena: SecretArena, at cursor: inout CBORCursor, of owner: Owner, depth: Int
    ) throws(FormatError) -> EntryVersion {
        let bytes = arena.span
        let pairs = try cursor.map(bytes, atMost: .max)
        var reader = KeyReader(pairs: pairs)

        guard try reader.next(Key.id, bytes, &cursor) else { throw .unexpected }
        let id = try decodeID(bytes, at: &cursor)
        guard try reader.next(Key.field, bytes, &cursor) else { throw .unexpected }
        let field = try decodeField(bytes, at: &cursor)
        guard owner.accepts(field) else { throw .unexpected }
        var replaces: [VersionID] = []
        if try reader.next(Key.replaces, bytes, &cursor) {
            replaces = try decodeIDs(bytes, at: &cursor)
            guard !replaces.isEmpty, field.mergeRule != .purge else { throw .notCanonical }
        }
        guard reader.remaining > 0 else {
            guard field.mergeRule != .purge else { throw .unexpected }
            return EntryVersion(id: id, field: field, replaces: replaces, content: nil)
        }

        guard try reader.next(Key.at, bytes, &cursor) else { throw .unexpected }
        let at = try cursor.unsigned(bytes)
        guard at <= Limits.atSeconds else { throw .limit("at") }
        guard try reader.next(Key.by, bytes, &cursor) else { throw .unexpected }
        let by = try decodeText(bytes, at: &cursor, atMost: Limits.machineLabel, "machine label")
        guard try reader.next(Key.value, bytes, &cursor) else { throw .unexpected }
        let value = try decodeValue(arena, at: &cursor)
        if owner == .entry { try check(value, of: field) }
        var seen: [VersionID] = []
        if field.mergeRule != .register {
            guard try reader.next(Key.seen, bytes, &cursor) else { throw .unexpected }
            seen = try decodeIDs(bytes, at: &cursor)
        }
        let unknown = try decodeUnknown(arena, at: &cursor, pairs: reader.remaining, depth: depth)
        return EntryVersion(
            id: id, field: field, replaces: replaces,
            content: .init(atSeconds: at, by: by, value: value, seen: seen, unknown: unknown))
    }

    package static func decodeField(
        _ bytes: borrowing Span<UInt8>, at cursor: inout CBORCursor
    ) throws(FormatError) -> FieldName {
        switch try cursor.peekMajor(bytes) {
        case CBORMajor.unsigned: return .known(try cursor.unsigned(bytes))
        case CBORMajor.text:
            let name = try decodeText(bytes, at: &cursor, atMost: Limits.fieldName, "name of a custom field")
            guard !name.isEmpty else { throw .unexpected }
            return .custom(name)
        case CBORMajor.array:
            let count = try cursor.array(bytes, atMost: 3)
            guard count >= 2 else { throw .unexpected }
            let kind = try cursor.unsigned(bytes)
            var keys: [[UInt8]] = []
            for _ in 1..<count {
                let key = try cursor.byteString(bytes)
                guard key.count <= Limits.fieldName else { throw .limit("name of an element of another kind") }
                keys.append(key.map { bytes[$0] })
            }
            let field = FieldName.element(kind: kind, keys: keys)
            guard field.hasKnownShape else { throw .unexpected }
            return field
        default: throw .unexpected
        }
    }

    private static func decodeValue(
        _ arena: SecretArena, at cursor: inout CBORCursor
    ) throws(FormatError) -> FieldValue {
        let bytes = arena.span
        func slice(_ range: Range<Int>) -> SecretSlice {
            SecretSlice(arena: arena, offset: range.lowerBound, count: range.count)
        }
        switch try cursor.peekMajor(bytes) {
        case CBORMajor.unsigned: return .number(try cursor.unsigned(bytes))
        case CBORMajor.text: return .text(slice(try cursor.text(bytes)))
        case CBORMajor.bytes: return .bytes(slice(try cursor.byteString(bytes)))
        case CBORMajor.array:
            guard try cursor.array(bytes, atMost: 2) == 2 else { throw .unexpected }
            let text = slice(try cursor.text(bytes))
            return .marked(text, try cursor.flag(bytes))
        default:
            if bytes[cursor.position] == CBORSimple.null {
                try cursor.null(bytes)
                return .removed
            }
            return .flag(try cursor.flag(bytes))
        }
    }

    /// The type of value that a field of this version of the format has; `null` removes any field.
    private static func check(_ value: FieldValue, of field: FieldName) throws(FormatError) {
        let overviewText: Bool
        switch (field, value) {
        case (.trash, .flag), (.joinedInto, .bytes), (.custom, .marked): overviewText = false
        case (.password, .text), (.notes, .text), (.otp, .text), (.pendingOTP, .text): overviewText = false
        case (.title, .text), (.username, .text), (.template, .text), (.purge, .text): overviewText = true
        case (.element(FieldName.Kind.tag, _), .text), (.element(FieldName.Kind.url, _), .text): overviewText = true
        case (.element(FieldName.Kind.codeSet, _), .number(0...1)), (.element(FieldName.Kind.code, _), .marked),
            (.element(FieldName.Kind.counter, _), .number):
            overviewText = false
        case (.trash, _), (.purge, _): throw .unexpected
        case (_, .removed): overviewText = false
        case (.known(1...10), _), (.custom, _), (.element(1...5, _), _): throw .unexpected
        case (.known, _), (.element, _): overviewText = false
        }
        if case .bytes(let id) = value, field == .joinedInto, id.count != EntryID.byteCount { throw .unexpected }
        if overviewText, let text = value.text, text.count > Limits.overviewText {
            throw .limit("title, user name, URL, tag, template, purge")
        }
    }

    /// Keys of a newer program: integers, ascending, kept as they are.
    private static func decodeUnknown(
        _ arena: SecretArena, at cursor: inout CBORCursor, pairs: Int, depth: Int
    ) throws(FormatError) -> FieldValue? {
        guard pairs > 0 else { return nil }
        let start = cursor.position
        var last: Range<Int>?
        for _ in 0..<pairs {
            let keyStart = cursor.position
            guard try cursor.unsigned(arena.span) >= Key.firstUnknown else { throw .unexpected }
            let key = keyStart..<cursor.position
            if let last { try CBORCursor.requireAscending(last, key, arena.span) }
            last = key
            try cursor.skip(arena.span, depth: depth)
        }
        return .bytes(SecretSlice(arena: arena, offset: start, count: cursor.position - start))
    }

    private static func decodeID(
        _ bytes: borrowing Span<UInt8>, at cursor: inout CBORCursor
    ) throws(FormatError) -> VersionID {
        let range = try cursor.byteString(bytes, count: VersionID.byteCount)
        guard let id = VersionID(bytes.extracting(range)) else { throw .unexpected }
        return id
    }

    private static func decodeIDs(
        _ bytes: borrowing Span<UInt8>, at cursor: inout CBORCursor
    ) throws(FormatError) -> [VersionID] {
        var ids: [VersionID] = []
        for _ in 0..<(try cursor.array(bytes, atMost: .max)) {
            let id = try decodeID(bytes, at: &cursor)
            if let last = ids.last, last >= id { throw .notCanonical }
            ids.append(id)
        }
        return ids
    }

    static func decodeText(
        _ bytes: borrowing Span<UInt8>, at cursor: inout CBORCursor, atMost maximum: Int, _ name: String
    ) throws(FormatError) -> String {
        let range = try cursor.text(bytes)
        guard range.count <= maximum else { throw .limit(name) }
        return bytes.plainText(range)
    }
}

extension FieldName {
    /// Whether the keys of an element of a known kind have their lengths.
    fileprivate var hasKnownShape: Bool {
        guard case .element(let kind, let keys) = self else { return true }
        return switch kind {
        case Kind.tag, Kind.url, Kind.codeSet: keys.map(\.count) == [16]
        case Kind.code: keys.map(\.count) == [16, 16]
        case Kind.counter: keys.map(\.count) == [VersionID.byteCount]
        default: true
        }
    }
}

extension Span<UInt8> {
    /// The text in `range`, which was found to be valid UTF-8: for what is private and not secret.
    package func plainText(_ range: Range<Int>) -> String {
        String(decoding: range.map { self[$0] }, as: UTF8.self)
    }
}
