/// Entries, versions and names as they cross the agent's socket (docs/agent.md, "Messages").
package import CofferFormat
import CofferMemory
package import CofferMerge
package import CofferModel

extension EntryID: WireValue {
    package func write(to sink: inout WireSink) { sink.putBytes(bytes) }
    package init(from reader: inout WireReader) throws(FormatError) {
        let range = try reader.byteRange()
        let arena = reader.arena
        guard let id = EntryID(arena.span.extracting(range)) else { throw .unexpected }
        self = id
    }
}

extension EntryState: WireValue {
    package func write(to sink: inout WireSink) { sink.putUnsigned(UInt64(rawValue)) }
    package init(from reader: inout WireReader) throws(FormatError) {
        guard let state = UInt8(exactly: try reader.unsigned()).flatMap(EntryState.init) else { throw .unexpected }
        self = state
    }
}

extension FieldName: WireValue {
    package func write(to sink: inout WireSink) { VersionCoding.encode(self, into: &sink) }
    package init(from reader: inout WireReader) throws(FormatError) {
        let arena = reader.arena
        self = try VersionCoding.decodeField(arena.span, at: &reader.cursor)
    }
}

/// The versions of an entry or of an edit: not always in the form that files hold.
extension VersionSet: WireValue where Field == FieldName, Value == FieldValue {
    package func write(to sink: inout WireSink) { VersionCoding.encode(self, into: &sink) }
    package init(from reader: inout WireReader) throws(FormatError) {
        self = try VersionCoding.decodeAscending(reader.arena, at: &reader.cursor, of: .entry, depth: 1)
    }
}

extension Entry: WireValue {
    package func write(to sink: inout WireSink) {
        sink.put(id)
        sink.put(versions)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(id: try reader.read(), versions: try reader.read())
    }
}

extension EntryQuery: WireValue {
    package func write(to sink: inout WireSink) {
        sink.put(name)
        sink.put(username)
        sink.put(states)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(
            try reader.read(), username: try reader.read(), states: try reader.read(atMost: RequestLimits.states))
    }
}

extension EntryEdit: WireValue {
    package func write(to sink: inout WireSink) {
        sink.put(id)
        sink.put(versions)
        sink.put(contentCountMaximum == Limits.entryContentWritten)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(id: try reader.read(), versions: try reader.read(), bringsText: try reader.read())
    }
}
