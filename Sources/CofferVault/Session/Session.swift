/// What can be done with an unlocked vault, in one place (docs/architecture.md, "The road of data"): commands ask, the
/// session answers, whichever process holds the keys.
import CofferFormat
package import CofferMemory
import CofferMerge
package import CofferModel

/// An unlocked vault with the one who edits it: in this process (``LocalSession``), or in the agent.
package protocol Session: AnyObject, ElementNaming where NamingError == VaultError {
    /// The vault's path with symbolic links followed.
    var path: String { get }
    var author: Author { get }
    var machine: Machine { get }
    /// Runs after every save; is told which of the saved entries have a long history.
    var afterSave: (([LongHistory]) -> Void)? { get set }

    func answer<Question: Request>(_ request: Question) throws(VaultError) -> Question.Answer
}

extension Session {
    // MARK: Finding

    /// The only entry that `query` names. Without `disclosure` its secrets are stand-ins, which tell equal from different.
    package func find(_ query: EntryQuery, _ disclosure: Disclosure) throws(VaultError) -> Entry {
        try answer(FindEntry(query: query, isLiveFirst: false, disclosure: disclosure))
    }

    /// The entry that `query` names where it is live; only where none is live, the one in the trash.
    package func findLiveFirst(_ query: EntryQuery, _ disclosure: Disclosure) throws(VaultError) -> Entry {
        try answer(FindEntry(query: query, isLiveFirst: true, disclosure: disclosure))
    }

    /// The entry `id` as it is now, with what is joined into it.
    package func entryNow(_ id: EntryID, _ disclosure: Disclosure) throws(VaultError) -> Entry {
        try answer(OpenEntry(id: id, isAlone: false, disclosure: disclosure))
    }

    /// The same, after looking whether another program has saved since the vault was opened here: a person took minutes meanwhile.
    package func entryReadAgain(_ id: EntryID, _ disclosure: Disclosure) throws(VaultError) -> Entry {
        // An agent looks at every request.
        try (self as? LocalSession)?.vault.refresh()
        return try entryNow(id, disclosure)
    }

    /// The entry `id` without what is joined into it.
    package func singleEntry(_ id: EntryID, _ disclosure: Disclosure) throws(VaultError) -> Entry {
        try answer(OpenEntry(id: id, isAlone: true, disclosure: disclosure))
    }

    package func groupIDs(of id: EntryID) throws(VaultError) -> [EntryID] { try answer(GroupIDs(id: id)) }

    /// The entries that `request` asks for. Throws `limitExceeded` for more words or tags than a message can carry.
    package func list(_ request: ListEntries) throws(VaultError) -> EntryList {
        guard request.words.count <= RequestLimits.words else {
            throw .limitExceeded(what: "\(RequestLimits.words) words")
        }
        guard request.tags.count <= RequestLimits.tags else { throw .limitExceeded(what: "\(RequestLimits.tags) tags") }
        return try answer(request)
    }

    // MARK: Editing

    /// Saves edits of `entry` as it was shown.
    package func edit(_ entry: Entry, _ drafts: [Draft]) throws(VaultError) {
        guard !drafts.isEmpty else { return }
        try save([try edits(entry, drafts)])
    }

    /// Edits of `entry`, whose versions may come from entries that are joined into it: nothing of those is moved.
    func edits(_ entry: Entry, _ drafts: [Draft]) throws(VaultError) -> EntryEdit {
        EntryEdit(
            id: entry.id, versions: try mint(EntryVersions(), drafts), bringsText: drafts.contains(where: \.bringsText))
    }

    func save(_ edits: [EntryEdit], unlessTaken name: UniqueName? = nil) throws(VaultError) {
        _ = try answer(SaveEdits(edits: edits, uniqueName: name))
    }

    func mint(_ shown: EntryVersions, _ drafts: [Draft]) throws(VaultError) -> EntryVersions {
        do throws(MergeError) {
            return try author.versions(shown, adding: drafts)
        } catch {
            throw error.asVaultError(path: path)
        }
    }

    // MARK: Names of elements

    package func elementHash(kind: UInt8, _ parts: [SecretSlice]) throws(VaultError) -> [UInt8] {
        let name = try answer(NameElement(kind: UInt64(kind), parts: parts))
        return (0..<name.count).map { name.span[$0] }
    }
}
