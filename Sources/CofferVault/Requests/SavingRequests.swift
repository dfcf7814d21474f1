/// Requests that change the vault. Each is saved, with all that saving means, before it is answered.
package import CofferFormat
import CofferMemory
import CofferModel

/// A title and user name that no other entry may have when an edit is saved.
struct UniqueName: WireValue {
    let title: String
    let username: String?
    /// The entry that may have it.
    let owner: EntryID?
    let isNew: Bool

    init(title: String, username: String?, owner: EntryID? = nil, isNew: Bool = false) {
        (self.title, self.username, self.owner, self.isNew) = (title, username, owner, isNew)
    }

    func check(in vault: OpenVault) throws(VaultError) {
        guard try vault.exists(title: title, username: username, except: owner) else { return }
        throw isNew ? .titleTaken : .newNameTaken
    }

    func write(to sink: inout WireSink) {
        sink.put(title)
        sink.put(username)
        sink.put(owner)
        sink.put(isNew)
    }
    init(from reader: inout WireReader) throws(FormatError) {
        self.init(
            title: try reader.read(), username: try reader.read(), owner: try reader.read(), isNew: try reader.read())
    }
}

extension VaultError {
    /// For a new entry.
    static let titleTaken = VaultError.refused(
        why: "an entry with this title and user name exists; nothing was changed",
        remedy: "Choose another title, change the entry with coffer set or coffer edit, or pass --duplicate.")
    /// For an entry that gets another name or comes out of the trash.
    static let newNameTaken = VaultError.refused(
        why: "an entry with that title and user name exists; nothing was changed",
        remedy: "Choose another title or user name, or pass --duplicate.")
}

/// Edits of entries as their author was shown them: only the versions that are new.
package struct SaveEdits: Request {
    package static let number: UInt64 = 16
    let edits: [EntryEdit]
    /// Looked for under the lock.
    let uniqueName: UniqueName?

    package func answer(by session: LocalSession) throws(VaultError) -> Done {
        let vault = session.vault
        try vault.transaction { () throws(VaultError) in
            try uniqueName?.check(in: vault)
            return (Edits(entries: edits), ())
        }
        return Done()
    }
}

/// An unused backup code: read, marked and saved under the lock.
package struct DrawCode: Request {
    package static let number: UInt64 = 17
    let id: EntryID

    package func answer(by session: LocalSession) throws(VaultError) -> CodeDrawn {
        try session.performDraw(codeOf: id)
    }
    package var discloses: Disclosed { .entries([id]) }
}

/// The next code of a counter-based password: the counter is saved under the lock before the code is told.
package struct DrawHOTP: Request {
    package static let number: UInt64 = 18
    let id: EntryID

    package func answer(by session: LocalSession) throws(VaultError) -> HOTPDrawn {
        try session.performDraw(counterOf: id)
    }
}

extension SaveEdits {
    package func write(to sink: inout WireSink) {
        sink.put(edits)
        sink.put(uniqueName)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(edits: try reader.read(atMost: RequestLimits.edits), uniqueName: try reader.read())
    }
}

extension DrawCode {
    package func write(to sink: inout WireSink) { sink.put(id) }
    package init(from reader: inout WireReader) throws(FormatError) { self.init(id: try reader.read()) }
}

extension DrawHOTP {
    package func write(to sink: inout WireSink) { sink.put(id) }
    package init(from reader: inout WireReader) throws(FormatError) { self.init(id: try reader.read()) }
}

extension CodeDrawn: WireValue {
    package func write(to sink: inout WireSink) {
        sink.put(code)
        sink.put(unusedLeft)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(code: try reader.read(), unusedLeft: try reader.read())
    }
}

extension HOTPDrawn: WireValue {
    package func write(to sink: inout WireSink) {
        sink.put(code)
        sink.put(counter)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(code: try reader.read(), counter: try reader.read())
    }
}
