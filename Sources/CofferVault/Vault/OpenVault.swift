/// A vault that has been opened and authenticated: the state that was read, and the keys.
import CofferCrypto
package import CofferFormat
package import CofferMemory
import CofferMerge
package import CofferModel

/// The versions of an entry as its author leaves them: what was shown and the edits.
package struct EntryEdit: Sendable {
    package let id: EntryID
    package let versions: EntryVersions
    /// How large the entry's content may become, in bytes. What brings no new text (a removal, the trash, a used code) and
    /// what others wrote (a merge) may go up to what a reader takes: a full entry must not be a dead end.
    package let contentCountMaximum: Int
    /// How many versions are new, where `versions` is known to hold all that the vault holds of the entry, in trimmed form; nil
    /// where saving must unite them.
    let addedCount: Int?

    package init(id: EntryID, versions: EntryVersions, bringsText: Bool = true) {
        self.init(id: id, versions: versions, bringsText: bringsText, addedCount: nil)
    }

    /// A merge that was computed under the lock.
    init(id: EntryID, merged versions: EntryVersions, addedCount: Int) {
        self.init(id: id, versions: versions, bringsText: false, addedCount: addedCount)
    }

    private init(id: EntryID, versions: EntryVersions, bringsText: Bool, addedCount: Int?) {
        self.id = id
        self.versions = versions
        self.addedCount = addedCount
        contentCountMaximum = bringsText ? Limits.entryContentWritten : Limits.entryContent
    }
}

/// An entry with so many edits that what stays of each, some forty bytes, is worth a warning.
package struct LongHistory: Equatable, Sendable {
    package static let countMinimum = 100_000

    package let title: String
    package let versionCount: Int
}

/// Everything that one save changes.
package struct Edits: Sendable {
    package var entries: [EntryEdit] = []
    /// The registry as its author leaves it; nil when it stays.
    package var registry: EntryVersions?
    /// The settings as their author leaves them; nil when they stay.
    package var settings: EntryVersions?

    package init(entries: [EntryEdit] = [], registry: EntryVersions? = nil) {
        self.entries = entries
        self.registry = registry
    }

    package var isEmpty: Bool { entries.isEmpty && registry == nil && settings == nil }
}

/// An authenticated vault. It reads from the state it was opened with, until a save or ``transaction(_:)`` takes in
/// what others wrote.
package final class OpenVault {
    /// The vault's path with symbolic links followed.
    package let path: String
    package let keys: KeyHierarchy
    private(set) var state: VaultState
    /// Which entries of `state` are shown as one; computed when first asked for.
    private var knownJoins: Joins?
    /// Where titles stand in `state`; computed when first asked for, where ``isAskedOften``.
    private var knownTitles: TitleTable?
    /// Whether a table of titles pays: it takes as long to make as some lookups.
    package var isAskedOften = false
    package private(set) var registry: SlotRegistry
    /// What this machine has seen of the vault; nil where nothing is remembered of the file.
    package var memory: VaultMemory?
    /// Runs after every save, when the lock is free again; is told which of the saved entries have a long history.
    package var afterSave: (([LongHistory]) -> Void)?
    private var saveCount = 0
    /// Whether the present state has been compared with what this machine has seen, and passed.
    private var isChecked = true
    private var longHistories: [LongHistory] = []

    init(path: String, keys: KeyHierarchy, state: consuming VaultState) throws(VaultError) {
        self.path = path
        self.keys = keys
        registry = try Self.registry(state.index, path)
        self.state = state
        keys.inherit(elementNameKey: ElementNameSetting.key(self.state.index.settings))
    }

    /// Opens the vault at `path`: header, slots, index, in this order, and refuses what does not authenticate.
    package static func open(_ path: String, _ credential: Credential) throws(VaultError) -> OpenVault {
        let real = Folder.resolved(path) ?? path
        let container = try Container.open(real)
        let keys = try unlock(container, credential)
        return try OpenVault(path: real, keys: keys, state: VaultState.authenticate(container, keys))
    }

    /// Opens the first of `paths` that `credential` opens. They come from a shared folder and name their own costs, so only a
    /// few are tried. Where none opens, the first refusal that is about the password tells most.
    package static func openFirst(_ paths: [String], _ credential: Credential) throws(VaultError) -> OpenVault {
        var refusals: [VaultError] = []
        for path in paths.prefix(filesTriedMaximum) {
            do throws(VaultError) {
                return try open(path, credential)
            } catch {
                refusals.append(error)
            }
        }
        let isAboutPassword = { (error: VaultError) in if case .wrongPassword = error { true } else { false } }
        throw refusals.first(where: isAboutPassword) ?? refusals.first ?? .wrongPassword(path: "")
    }

    /// Opens the vault at `path` with its vault key, which another program has unwrapped: no key derivation.
    package static func open(_ path: String, vaultKey: SecretSlice) throws(VaultError) -> OpenVault {
        let real = Folder.resolved(path) ?? path
        let container = try Container.open(real)
        guard vaultKey.count == keyCount else { throw .wrongPassword(path: real) }
        let keys = KeyHierarchy(VaultKey(SecretBytes(copying: vaultKey.span)), container.header.context)
        return try OpenVault(path: real, keys: keys, state: VaultState.authenticate(container, keys))
    }

    static let outOfMemory = "more memory for the key derivation than there is"

    /// The number of files that are tried with one password where any of several may open: each names its own costs.
    private static let filesTriedMaximum = 4

    package static func unlock(
        _ container: borrowing Container, _ credential: Credential
    ) throws(VaultError) -> KeyHierarchy {
        let header = container.header
        var budget = UnlockBudget()
        // The cheapest first: one that costs much cannot use up what is left for the others.
        let suited = header.slots.filter { credential.suits($0.parameters) }
            .sorted {
                ($0.parameters.kdf.workShare, $0.parameters.id.hexadecimal) < (
                    $1.parameters.kdf.workShare, $1.parameters.id.hexadecimal
                )
            }
        for slot in suited {
            guard budget.take(slot.parameters.kdf) else { continue }
            let opened: VaultKey?
            do throws(SlotError) {
                opened = try SlotKeys.open(slot, with: credential, header.context)
            } catch {
                switch error {
                case .outOfMemory: throw .unsupported(path: container.path, what: outOfMemory)
                case .damaged: throw .damaged(path: container.path, place: "key slot")
                }
            }
            if let key = opened { return KeyHierarchy(key, header.context) }
        }
        throw .wrongPassword(path: container.path)
    }

    /// Whether the file has a slot that is marked as made for tests, which every opening warns of.
    package var hasTestSlot: Bool { registry.slots.contains { $0.parameters.flags.contains(.testKDF) } }

    package var fileCount: Int { state.container.identity.sizeCount }

    // MARK: Reading

    package var recordCount: Int { state.index.records.count }
    package var records: [IndexRecord] { state.index.records }

    package func withIndexBytes<Result, Failure: Error>(
        _ body: (borrowing Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try state.index.withBytes(body)
    }

    package func overview(_ record: IndexRecord) throws(VaultError) -> Overview {
        do throws(FormatError) {
            return try state.index.overview(record)
        } catch {
            throw error.asVaultError(path: path, place: "index")
        }
    }

    var joins: Joins {
        get throws(VaultError) {
            if let knownJoins { return knownJoins }
            let joins = try Joins(state)
            knownJoins = joins
            return joins
        }
    }

    /// The positions at which `title` may stand; nil where all are to be looked at.
    func positions(ofTitle title: [UInt8]) -> [Int]? {
        guard isAskedOften else { return nil }
        let table: TitleTable
        if let knownTitles {
            table = knownTitles
        } else {
            let records = state.index.records
            table = state.index.withBytes { TitleTable(records, $0) }
            knownTitles = table
        }
        return table.positions(of: title)
    }

    package func position(of id: EntryID) -> Int? { state.index.position(of: id) }

    /// Opens the entry `id` alone, without those that are joined into it.
    package func singleEntry(_ id: EntryID) throws(VaultError) -> Entry {
        guard let position = state.index.position(of: id) else {
            throw .notFound(what: "entry id:\(id.hexadecimal.prefix(8))", near: [])
        }
        return try state.entry(at: position, keys)
    }

    /// Opens the entry at `position` of the records.
    package func entry(at position: Int) throws(VaultError) -> Entry { try state.entry(at: position, keys) }

    /// Whether the box of the entry at `position` is the one that the index vouches for.
    package func verifyBox(at position: Int) throws(VaultError) {
        _ = try state.readFrame(state.index.records[position])
    }

    // MARK: Writing

    /// Saves what `makeEdits` returns (docs/architecture.md, "Saving"). It runs under the lock, on the vault as it is
    /// now: other programs' edits have been taken in.
    ///
    /// An edit made of what was shown earlier is passed on as it is, and merged; a draw (a backup code, a counter)
    /// reads what
    /// it draws from inside `makeEdits`. Nothing is saved when there are no edits.
    package func transaction<Result>(_ makeEdits: () throws(VaultError) -> (Edits, Result)) throws(VaultError) -> Result
    {
        let saves = saveCount
        let result = try transactionQuietly(makeEdits)
        if saveCount > saves { afterSave?(longHistories) }
        return result
    }

    /// The same without what follows a save.
    func transactionQuietly<Result>(
        _ makeEdits: () throws(VaultError) -> (Edits, Result)
    ) throws(VaultError) -> Result {
        try underLock { () throws(VaultError) in
            let (edits, result) = try makeEdits()
            try write(edits)
            return result
        }
    }

    /// Saves edits of the state that was shown.
    package func save(_ edits: Edits) throws(VaultError) {
        try transaction { () throws(VaultError) in (edits, ()) }
    }

    /// Runs `body` while no other program writes, on the vault as it is now.
    func underLock<Result>(_ body: () throws(VaultError) -> Result) throws(VaultError) -> Result {
        let lock = try VaultLock.acquire(besideVault: path)
        defer { _ = lock }
        try refresh()
        return try body()
    }

    /// Writes `edits`; only under the lock.
    func write(_ edits: Edits) throws(VaultError) {
        guard !edits.isEmpty else { return }
        let saved = try VaultWriter(path: path, keys: keys).write(edits, over: state)
        saveCount += 1
        longHistories = saved.longHistories
        memory?.saw(saved.state.id, addedEdits: saved.addedCount)
        try take(saved.state)
    }

    private func take(_ state: consuming VaultState) throws(VaultError) {
        registry = try Self.registry(state.index, path)
        self.state = state
        keys.inherit(elementNameKey: ElementNameSetting.key(self.state.index.settings))
        knownJoins = nil
        knownTitles = nil
    }

    /// Refuses a file that is older than what this machine has seen; remembers one that is newer.
    /// One that is accepted is let pass, and remembered by whoever accepts it.
    package func checkAgainstMemory(
        acceptsOlder: Bool = false, acceptsOlderEpoch: Bool = false
    ) throws(VaultError) {
        guard let memory else { return }
        // Another program may have saved, and remembered that, after this one read the file: then the file is read again.
        while true {
            let verdict = memory.verdict(state.id)
            guard verdict != .current else { break }
            if let now = try? Folder.identity(path), !now.isSameContent(as: state.container.identity) {
                try readAgain()
                memory.load()
                continue
            }
            switch verdict {
            case .current: break
            case .older where acceptsOlder: return
            case .older(let missing, _, let seenAtSeconds):
                throw .older(path: path, missing: missing, seenAtSeconds: seenAtSeconds)
            case .olderEpoch where acceptsOlderEpoch: return
            case .olderEpoch: throw .olderEpoch(path: path)
            }
        }
        guard memory.state?.stateID != state.id, memory.exists || memory.startsWhenReading else { return }
        memory.saw(state.id, addedEdits: nil)
    }

    private func readAgain() throws(VaultError) {
        let container = try Container.open(path)
        guard container.header.context == keys.context else {
            throw .replaced(path: path)
        }
        try take(VaultState.authenticate(container, keys))
    }

    /// Reads the file again if it is no longer the one this state came from.
    package func refresh() throws(VaultError) {
        let known = state.container.identity
        if isChecked, let now = try? Folder.identity(path), now.isSameContent(as: known) { return }
        // A file that was refused once is refused until another one is there, or this one has been accepted.
        isChecked = false
        try readAgain()
        memory?.load()
        try checkAgainstMemory()
        isChecked = true
    }

    private static func registry(_ index: borrowing Index, _ path: String) throws(VaultError) -> SlotRegistry {
        do throws(FormatError) {
            return try SlotRegistry(index.registry)
        } catch {
            throw error.asVaultError(path: path, place: "key slots")
        }
    }
}
