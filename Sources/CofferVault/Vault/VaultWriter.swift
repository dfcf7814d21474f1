/// Writes the next state of a vault, so that after any interruption the file is wholly old or wholly new
/// (docs/architecture.md, "Saving").
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferMerge
import CofferModel
import Glibc

/// Saving under the lock: temporary file, fsync, read back and verify, backup, rename, fsync of the folder.
struct VaultWriter {
    let path: String
    let keys: KeyHierarchy

    /// An entry that the save changes.
    fileprivate struct Sealed {
        let id: EntryID
        let box: [UInt8]
        let overview: Overview
        let versionCount: Int
        /// How many versions the entry has that it had not before.
        let addedCount: Int

        var head: [UInt8] { EntryFrame.head(id: id, boxCount: box.count) }
    }

    /// What a save leaves behind.
    struct Saved: ~Copyable {
        let state: VaultState
        /// How many versions there are in the file that were not there before.
        let addedCount: Int
        let longHistories: [LongHistory]
    }

    /// Saves `edits` over `old` and returns the state that is now in the file.
    func write(_ edits: Edits, over old: borrowing VaultState) throws(VaultError) -> Saved {
        // First, because init makes the vault by linking a temporary file, which it may not have come to remove.
        TemporaryFile.removeLeftovers(besideVault: path)
        try refuseForeignLink(old.container)
        let sealed = try edits.entries.map { edit throws(VaultError) in try seal(edit, over: old) }
        let added = sealed.reduce(0) { $0 + $1.addedCount } + addedCount(edits, old)
        return Saved(
            state: try replace(old, try makeParts(sealed, edits, old: old), keeping: old.container.identity),
            addedCount: added,
            longHistories: sealed.filter { $0.versionCount >= LongHistory.countMinimum }
                .map { LongHistory(title: $0.overview.title, versionCount: $0.versionCount) })
    }

    /// The new versions of settings and registry. A union that fails says so when it is made.
    private func addedCount(_ edits: Edits, _ old: borrowing VaultState) -> Int {
        func added(_ versions: EntryVersions?, to known: EntryVersions) -> Int {
            versions?.versions.count { known[$0.id] == nil } ?? 0
        }
        return added(edits.registry, to: old.index.registry) + added(edits.settings, to: old.index.settings)
    }

    /// Saves `edits` over `old`, a file of another place, in the place of the file at `path`.
    func replace(with edits: Edits, over old: borrowing VaultState) throws(VaultError) -> VaultState {
        TemporaryFile.removeLeftovers(besideVault: path)
        let present = try presentFile()
        let sealed = try edits.entries.map { edit throws(VaultError) in try seal(edit, over: old) }
        return try replace(old, try makeParts(sealed, edits, old: old), keeping: present)
    }

    /// Writes all of `old` anew, which `oldKeys` open, with this writer's keys.
    func reseal(
        _ old: borrowing VaultState, openedWith oldKeys: KeyHierarchy, registry: EntryVersions, settings: EntryVersions
    ) throws(VaultError) -> VaultState {
        TemporaryFile.removeLeftovers(besideVault: path)
        try refuseForeignLink(old.container)
        var sealed: [Sealed] = []
        for position in old.index.records.indices {
            let entry = try old.entry(at: position, oldKeys)
            sealed.append(try seal(entry.id, entry.versions, Limits.entryContent, knownCount: 0))
        }
        let parts = try makeParts(
            settings: settings, registry: registry, records: sealed.map(\.source), old: Index(),
            frames: sealed.map { .written($0.head, $0.box) })
        return try replace(old, parts, keeping: old.container.identity)
    }

    /// The file at `path` as it is, which a backup will keep.
    private func presentFile() throws(VaultError) -> FileIdentity {
        let container = try Container.open(path)
        try refuseForeignLink(container)
        return container.identity
    }

    /// Writes a vault where there is none.
    func create(_ entries: [EntryEdit], registry: EntryVersions) throws(VaultError) {
        let sealed = try entries.map { edit throws(VaultError) in
            try seal(edit.id, edit.versions, edit.contentCountMaximum, knownCount: 0)
        }
        .sorted { $0.id < $1.id }
        let parts = try makeParts(
            settings: EntryVersions(), registry: registry, records: sealed.map(\.source), old: Index(),
            frames: sealed.map { .written($0.head, $0.box) })
        try create(parts)
    }

    // MARK: What will be written

    /// A piece of the entries' part of the file.
    fileprivate enum Frames {
        case written([UInt8], [UInt8])
        /// A range of the old file.
        case kept(Range<Int>)
    }

    /// The new file's bytes, but for what is copied from the old one.
    private struct Parts: ~Copyable {
        let header: [UInt8]
        let indexBox: PrivateBytes
        let frames: [Frames]
        /// The entries that are not copied from the old file.
        let changed: [EntryID]
    }

    private func seal(_ edit: EntryEdit, over old: borrowing VaultState) throws(VaultError) -> Sealed {
        if let addedCount = edit.addedCount {
            return try seal(
                edit.id, edit.versions, edit.contentCountMaximum, knownCount: edit.versions.versions.count - addedCount)
        }
        let known = try old.index.position(of: edit.id).map { position throws(VaultError) in
            try old.entry(at: position, keys).versions
        }
        return try seal(
            edit.id, merged(known ?? edit.versions, edit.versions), edit.contentCountMaximum,
            knownCount: known?.versions.count ?? 0)
    }

    private func merged(_ one: EntryVersions, _ two: EntryVersions) throws(VaultError) -> EntryVersions {
        do throws(MergeError) {
            return try one.merged(with: two, historyLimit: EntryFrame.historyLimit)
        } catch {
            throw error.asVaultError(path: path)
        }
    }

    private func seal(
        _ id: EntryID, _ versions: EntryVersions, _ contentCountMaximum: Int, knownCount: Int
    ) throws(VaultError) -> Sealed {
        guard EntryFrame.contentCount(versions) <= contentCountMaximum, let box = keys.sealEntry(id, versions) else {
            throw .limitExceeded(what: "an entry of \(contentCountMaximum >> 20) MiB")
        }
        return Sealed(
            id: id, box: box, overview: Overview(Entry(id: id, versions: versions)),
            versionCount: versions.versions.count, addedCount: versions.versions.count - knownCount)
    }

    private func makeParts(
        _ sealed: [Sealed], _ edits: Edits, old: borrowing VaultState
    ) throws(VaultError) -> Parts {
        let written = Dictionary(sealed.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
        var added = written.keys.filter { old.index.position(of: $0) == nil }.sorted()[...]
        var records: [IndexRecordSource] = []
        records.reserveCapacity(old.index.records.count + added.count)
        var frames: [Frames] = []

        func write(_ id: EntryID) {
            guard let entry = written[id] else { return }
            records.append(entry.source)
            frames.append(.written(entry.head, entry.box))
        }
        for (position, record) in old.index.records.enumerated() {
            while let next = added.first, next < record.id { write(added.removeFirst()) }
            if written[record.id] != nil {
                write(record.id)
                continue
            }
            records.append(.kept(position))
            let range = record.frameOffset..<record.frameOffset + record.frameCount
            // Neighbours are copied in one go.
            if case .kept(let before)? = frames.last, before.upperBound == range.lowerBound {
                frames[frames.count - 1] = .kept(before.lowerBound..<range.upperBound)
            } else {
                frames.append(.kept(range))
            }
        }
        for id in added { write(id) }

        let registry: EntryVersions
        let settings: EntryVersions
        do throws(MergeError) {
            registry = try old.index.registry.merged(
                with: edits.registry ?? old.index.registry, historyLimit: Index.registryHistoryLimit)
            settings = try old.index.settings.merged(
                with: edits.settings ?? old.index.settings, historyLimit: EntryFrame.historyLimit)
        } catch {
            throw error.asVaultError(path: path, place: "key slots or settings that contradict each other")
        }
        return try makeParts(settings: settings, registry: registry, records: records, old: old.index, frames: frames)
    }

    private func makeParts(
        settings: EntryVersions, registry: EntryVersions, records: [IndexRecordSource], old: borrowing Index,
        frames: [Frames]
    ) throws(VaultError) -> Parts {
        guard records.count <= Limits.entriesWritten || records.count <= old.records.count else {
            throw .limitExceeded(what: "\(Limits.entriesWritten) entries")
        }
        let slots: [KeySlot]
        do throws(FormatError) {
            slots = try SlotRegistry(registry).slots
        } catch {
            throw error.asVaultError(path: path, place: "key slots")
        }
        guard (1...Limits.keySlots).contains(slots.count) else {
            throw .limitExceeded(what: "\(Limits.keySlots) key slots")
        }
        var box: PrivateBytes
        switch Index.serializeForSealing(settings: settings, registry: registry, records: records, old: old) {
        case .some(let bytes): box = bytes
        case .none: throw .limitExceeded(what: "a file of 1 GiB")
        }
        let framesCount = frames.reduce(0) { $0 + $1.count }
        let header = Header(
            context: keys.context, epochCheck: keys.epochCheck, slots: slots, indexCount: box.count,
            entriesCount: framesCount
        ).serialized(key: keys.headerKey)
        guard header.count + box.count + framesCount <= Limits.fileWritten else {
            throw .limitExceeded(what: "a file of 1 GiB")
        }
        let associatedData = keys.context.indexAssociatedData(
            headerHash: Header.hash(header.span), paddedCount: box.count - SealedBox.overhead)
        var target = box.mutableSpan
        SealedBox.sealInPlace(&target, associatedData: associatedData.span, key: keys.indexKey, nonceKey: keys.nonceKey)
        let changed = records.compactMap { record -> EntryID? in
            if case .written(let id, _, _, _) = record { id } else { nil }
        }
        return Parts(header: header, indexBox: box, frames: frames, changed: changed)
    }

    // MARK: Onto the disk

    private func replace(
        _ old: borrowing VaultState, _ parts: consuming Parts, keeping present: FileIdentity
    ) throws(VaultError) -> VaultState {
        let temporary = try TemporaryFile.create(besideVault: path)
        do throws(VaultError) {
            try fill(temporary, parts, copyingFrom: old.container.file)
            let state = try verify(temporary, replacing: old, parts.changed)
            let backups = Backups(ofVault: path)
            try backups.keep(present, nowSeconds: UInt64(max(0, time(nil))))
            try temporary.rename(to: path)
            backups.prune()
            return state.renamed(to: path)
        } catch {
            temporary.remove()
            throw error
        }
    }

    private func create(_ parts: consuming Parts) throws(VaultError) {
        TemporaryFile.removeLeftovers(besideVault: path)
        let temporary = try TemporaryFile.create(besideVault: path)
        do throws(VaultError) {
            try fill(temporary, parts, copyingFrom: temporary.file)
            _ = try verify(temporary, parts.changed)
            // link(2) refuses an existing name where rename(2) would replace it.
            try temporary.link(to: path)
        } catch {
            temporary.remove()
            throw error
        }
        temporary.remove()
    }

    private func fill(
        _ temporary: borrowing TemporaryFile, _ parts: borrowing Parts, copyingFrom old: borrowing File
    ) throws(VaultError) {
        do throws(SystemError) {
            try temporary.file.write(parts.header.span)
            try temporary.file.write(parts.indexBox.span)
            for frames in parts.frames {
                switch frames {
                case .written(let head, let box):
                    try temporary.file.write(head.span)
                    try temporary.file.write(box.span)
                case .kept(let range): try temporary.file.append(range, of: old)
                }
            }
            try temporary.file.synchronize()
        } catch {
            throw .system(action: "write the new state of", path: path, errno: error.number)
        }
    }

    /// A new file that does not verify may only have copied what was damaged before: then that is the error.
    private func verify(
        _ temporary: borrowing TemporaryFile, replacing old: borrowing VaultState, _ changed: [EntryID]
    ) throws(VaultError) -> VaultState {
        do throws(VaultError) {
            return try verify(temporary, changed)
        } catch {
            try old.verifyFrames()
            throw error
        }
    }

    /// Reads the new file back: a disk or a memory that garbles is noticed while the old file is still there. What was
    /// sealed is opened as a reader opens it, so that nothing is saved that no reader takes.
    private func verify(
        _ temporary: borrowing TemporaryFile, _ changed: [EntryID]
    ) throws(VaultError) -> VaultState {
        do throws(VaultError) {
            let state = try VaultState.authenticate(try Container.open(temporary.path), keys)
            try state.verifyFrames()
            for id in changed {
                guard let position = state.index.position(of: id) else {
                    throw .damaged(path: temporary.path, place: "index")
                }
                _ = try state.entry(at: position, keys)
            }
            return state
        } catch {
            var number = EIO
            if case .system(_, _, let errno) = error { number = errno }
            throw .system(action: "read back what was written for", path: path, errno: number)
        }
    }

    /// A vault with a second name cannot be replaced by renaming without leaving the other name behind, at the old
    /// state.
    private func refuseForeignLink(_ container: borrowing Container) throws(VaultError) {
        let identity: FileIdentity
        do throws(SystemError) {
            identity = try container.file.identity()
        } catch {
            throw .system(action: "look at", path: path, errno: error.number)
        }
        guard identity.links > 1 else { return }
        // Our own backups are links too.
        guard identity.links > 1 + Backups(ofVault: path).links(of: identity) else { return }
        throw .refused(
            why: "\(path) has another hard link, which would stay behind at the old state; nothing was changed",
            remedy: "Give the vault a single name, or copy it.")
    }
}

extension VaultWriter.Sealed {
    fileprivate var source: IndexRecordSource {
        .written(
            id: id, boxCount: box.count, hash: BLAKE2b.hash(box.span, count: IndexRecord.hashCount), overview: overview)
    }
}

extension VaultWriter.Frames {
    fileprivate var count: Int {
        switch self {
        case .written(let head, let box): head.count + box.count
        case .kept(let range): range.count
        }
    }
}
