/// Requests about one entry.
package import CofferFormat
package import CofferMemory
package import CofferModel

/// The only entry that a query names.
package struct FindEntry: Request {
    package static let number: UInt64 = 1
    let query: EntryQuery
    /// Whether the trash is looked at only where no live entry has the name.
    let isLiveFirst: Bool
    let disclosure: Disclosure

    package func answer(by session: LocalSession) throws(VaultError) -> Entry {
        let vault = session.vault
        let entry = try isLiveFirst ? vault.findLiveFirst(query) : vault.find(query)
        return session.disclosing(entry, disclosure)
    }

    package func disclosed(by answer: Entry, in session: LocalSession) throws(VaultError) -> Disclosed {
        guard disclosure.tellsSecret(of: answer) else { return .nothing }
        return .entries(try session.vault.groupIDs(of: answer.id))
    }
}

/// The entry of an id, with what is joined into it or alone.
package struct OpenEntry: Request {
    package static let number: UInt64 = 2
    let id: EntryID
    let isAlone: Bool
    let disclosure: Disclosure

    package func answer(by session: LocalSession) throws(VaultError) -> Entry {
        let vault = session.vault
        guard let position = vault.position(of: id) else {
            throw .notFound(what: "id:\(id.hexadecimal.prefix(8))", near: [])
        }
        let entry = try isAlone ? vault.entry(at: position) : vault.shownEntry(at: position)
        return session.disclosing(entry, disclosure)
    }

    package func disclosed(by answer: Entry, in session: LocalSession) throws(VaultError) -> Disclosed {
        guard disclosure.tellsSecret(of: answer) else { return .nothing }
        return .entries(isAlone ? [answer.id] : try session.vault.groupIDs(of: answer.id))
    }
}

/// The ids of the entries that are shown as one with an entry, the shown one first.
package struct GroupIDs: Request {
    package static let number: UInt64 = 3
    let id: EntryID

    package func answer(by session: LocalSession) throws(VaultError) -> [EntryID] { try session.vault.groupIDs(of: id) }
}

/// Whether a live entry has this title and user name already.
package struct NameIsTaken: Request {
    package static let number: UInt64 = 4
    let title: String
    let username: String?

    package func answer(by session: LocalSession) throws(VaultError) -> Bool {
        try session.vault.exists(title: title, username: username)
    }
}

/// How many entries a query names.
package struct CountEntries: Request {
    package static let number: UInt64 = 5
    let query: EntryQuery

    package func answer(by session: LocalSession) throws(VaultError) -> Int { try session.vault.findAll(query).count }
}

/// The name of an element of a set (docs/format.md, "Versions").
package struct NameElement: Request {
    package static let number: UInt64 = 6
    let kind: UInt64
    let parts: [SecretSlice]

    package func answer(by session: LocalSession) throws(VaultError) -> SecretSlice {
        let kinds = [FieldName.Kind.tag, FieldName.Kind.url, FieldName.Kind.codeSet, FieldName.Kind.code]
        guard kinds.contains(kind) else { throw .invalidInput(why: "no such elements are named") }
        return SecretSlice(copying: session.vault.keys.elementHash(kind: UInt8(kind), parts))
    }
}

extension FindEntry {
    package func write(to sink: inout WireSink) {
        sink.put(query)
        sink.put(isLiveFirst)
        sink.put(disclosure)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(query: try reader.read(), isLiveFirst: try reader.read(), disclosure: try reader.read())
    }
}

extension OpenEntry {
    package func write(to sink: inout WireSink) {
        sink.put(id)
        sink.put(isAlone)
        sink.put(disclosure)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(id: try reader.read(), isAlone: try reader.read(), disclosure: try reader.read())
    }
}

extension GroupIDs {
    package func write(to sink: inout WireSink) { sink.put(id) }
    package init(from reader: inout WireReader) throws(FormatError) { self.init(id: try reader.read()) }
}

extension NameIsTaken {
    package func write(to sink: inout WireSink) {
        sink.put(title)
        sink.put(username)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(title: try reader.read(), username: try reader.read())
    }
}

extension CountEntries {
    package func write(to sink: inout WireSink) { sink.put(query) }
    package init(from reader: inout WireReader) throws(FormatError) { self.init(query: try reader.read()) }
}

extension NameElement {
    package func write(to sink: inout WireSink) {
        sink.put(kind)
        sink.put(parts)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(kind: try reader.read(), parts: try reader.read(atMost: RequestLimits.parts))
    }
}
