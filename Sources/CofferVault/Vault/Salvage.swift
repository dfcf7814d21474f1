/// Reads what is intact of a vault file that no longer opens (docs/format.md, "Entry frame").
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferMerge
package import CofferModel
import Glibc

/// The entries that were found whole. A new vault is made of them, with a new id, key and slots; the old header is
/// never used again.
package struct Salvage: Sendable {
    package let entries: [EntryEdit]
    /// The entries that the index names and that were not found whole; nil where the index is lost too.
    package let missing: [(id: EntryID, title: String)]?

    /// Looks for key slots and frames at every offset, so it needs nothing of the file but the vault id, the epoch, one
    /// intact slot and the frames themselves.
    package static func read(_ path: String, _ credential: Credential) throws(VaultError) -> Salvage {
        let real = Folder.resolved(path) ?? path
        let bytes = try readAll(real)
        let context = try context(bytes.span, real)
        let keys = try unlock(bytes.span, context, credential, real)
        let index = authenticState(real, keys)
        let entries = frames(bytes.span, keys, first: index?.index.records.map(\.frameOffset) ?? [])
        return Salvage(entries: entries, missing: missing(index, found: Set(entries.map(\.id))))
    }

    /// The state whose header and index are authentic; the entries behind them may be cut off.
    private static func authenticState(_ path: String, _ keys: KeyHierarchy) -> SalvagedState? {
        guard let container = try? Container.open(path, requiresWholeFile: false),
            let state = try? VaultState.authenticate(container, keys)
        else { return nil }
        return SalvagedState(state)
    }

    /// What the index names besides.
    private static func missing(
        _ state: SalvagedState?, found: Set<EntryID>
    ) -> [(id: EntryID, title: String)]? {
        guard let state else { return nil }
        return state.index.records.filter { !found.contains($0.id) }.map { record in
            (record.id, (try? state.index.overview(record).title) ?? "")
        }
    }

    /// The entries with the elements of sets named by the new vault's key, so that a tag added again is the same tag.
    package func entries(renamedFor newKeys: KeyHierarchy) -> [EntryEdit] {
        entries.map { EntryEdit(id: $0.id, versions: Self.renamed($0.versions, newKeys)) }
    }

    private static func readAll(_ path: String) throws(VaultError) -> [UInt8] {
        let file = try Container.openRegularFile(path)
        let identity: FileIdentity
        do throws(SystemError) {
            identity = try file.identity()
        } catch {
            throw .system(action: "look at", path: path, errno: error.number)
        }
        guard identity.sizeCount <= Limits.file else {
            throw .unsupported(path: path, what: "more than the limit: file")
        }
        do throws(SystemError) {
            return try file.bytes(at: 0, count: identity.sizeCount)
        } catch {
            throw .system(action: "read", path: path, errno: error.number)
        }
    }

    /// Vault id and epoch stand at fixed places of every header.
    private static func context(_ bytes: borrowing Span<UInt8>, _ path: String) throws(VaultError) -> VaultContext {
        let idOffset = Header.fixedCount + 3
        let epochOffset = idOffset + VaultContext.vaultIDCount + 1
        guard bytes.count > epochOffset + 9 else { throw .damaged(path: path, place: "header") }
        var cursor = CBORCursor(epochOffset..<epochOffset + 9)
        guard let epoch = try? cursor.unsigned(bytes), (1...Limits.epoch).contains(epoch) else {
            throw .damaged(path: path, place: "epoch")
        }
        let id = (idOffset..<idOffset + VaultContext.vaultIDCount).map { bytes[$0] }
        return VaultContext(vaultID: id, epoch: epoch)
    }

    private static func unlock(
        _ bytes: borrowing Span<UInt8>, _ context: VaultContext, _ credential: Credential, _ path: String
    ) throws(VaultError) -> KeyHierarchy {
        var tried = 0
        var budget = UnlockBudget()
        for offset in 0..<min(bytes.count, Header.fixedCount + Limits.headerBody) {
            guard let slot = try? KeySlot.parse(bytes, startingAt: offset), credential.suits(slot.parameters),
                tried < Limits.keySlots, budget.take(slot.parameters.kdf)
            else { continue }
            tried += 1
            let key: VaultKey?
            do throws(SlotError) {
                key = try SlotKeys.open(slot, with: credential, context)
            } catch {
                guard error == .damaged else { throw .unsupported(path: path, what: OpenVault.outOfMemory) }
                // Another copy of the slot may be whole.
                continue
            }
            if let opened = key { return KeyHierarchy(opened, context) }
        }
        guard tried > 0 else { throw .damaged(path: path, place: "key slots") }
        throw .wrongPassword(path: path)
    }

    /// Tries the offsets that an authentic index names first, then all others. What lies there in vain is bounded: whoever
    /// can write the file could make every offset look like a frame.
    private static func frames(
        _ bytes: borrowing Span<UInt8>, _ keys: KeyHierarchy, first known: [Int]
    ) -> [EntryEdit] {
        var found: [EntryID: EntryVersions] = [:]
        var effort = Effort(fileCount: bytes.count)
        func take(_ offset: Int) -> Int? {
            guard let frame = frame(bytes, offset, keys, &effort) else { return nil }
            let versions = found[frame.edit.id] ?? EntryVersions()
            found[frame.edit.id] =
                (try? versions.merged(with: frame.edit.versions, historyLimit: EntryFrame.historyLimit)) ?? versions
            return frame.count
        }
        for offset in known where offset <= bytes.count - EntryFrame.headCount { _ = take(offset) }
        var offset = 0
        while offset <= bytes.count - EntryFrame.headCount && !effort.isSpent { offset += take(offset) ?? 1 }
        return found.sorted { $0.key < $1.key }.map { EntryEdit(id: $0.key, versions: $0.value) }
    }

    /// How many bytes of boxes may be tried in vain: honest damage makes a handful of offsets look like frames.
    private struct Effort {
        private var left: Int

        init(fileCount: Int) { left = fileCount * 8 + 64 * 1024 * 1024 }

        var isSpent: Bool { left <= 0 }

        mutating func spend(_ boxCount: Int) { left -= boxCount }
    }

    /// The frame at `offset`, if there is one: its length must be one that padding makes, and its box must open.
    private static func frame(
        _ bytes: borrowing Span<UInt8>, _ offset: Int, _ keys: KeyHierarchy, _ effort: inout Effort
    ) -> (edit: EntryEdit, count: Int)? {
        let rest = bytes.count - offset - EntryFrame.headCount
        let boxCount = Int(bytes.bigEndian(at: offset + EntryID.byteCount, count: 4))
        guard boxCount <= rest, boxCount >= SealedBox.overhead + Padding.paddedCountMinimum else { return nil }
        let paddedCount = boxCount - SealedBox.overhead
        guard Padding.paddedCount(for: paddedCount - Padding.prefixCount) == paddedCount else { return nil }
        guard let head = try? EntryFrame.parseHead(bytes.extracting(offset..<offset + EntryFrame.headCount)) else {
            return nil
        }
        let boxStart = offset + EntryFrame.headCount
        guard let versions = try? keys.openEntry(head.id, box: bytes.extracting(boxStart..<boxStart + boxCount)) else {
            effort.spend(boxCount)
            return nil
        }
        return (EntryEdit(id: head.id, versions: versions), EntryFrame.headCount + boxCount)
    }

    private static func renamed(_ versions: EntryVersions, _ keys: KeyHierarchy) -> EntryVersions {
        // A trimmed version has no text; another version of the same element may still have it.
        var names: [FieldName: FieldName] = [:]
        for version in versions.versions {
            guard let text = version.content?.value.text else { continue }
            names[version.field] = name(version.field, text, keys) ?? version.field
        }
        let moved = versions.versions.map { version in
            EntryVersion(
                id: version.id, field: names[version.field] ?? version.field, replaces: version.replaces,
                content: version.content)
        }
        return (try? EntryVersions(moved)) ?? versions
    }

    private static func name(_ field: FieldName, _ text: SecretSlice, _ keys: KeyHierarchy) -> FieldName? {
        switch field {
        case .element(FieldName.Kind.tag, _): keys.tagField(text.plainText)
        case .element(FieldName.Kind.url, _): keys.urlField(text.plainText)
        case .element(FieldName.Kind.code, let names): keys.codeField(set: names[0], text)
        default: nil
        }
    }
}

/// Holds a state that may be absent, which a noncopyable value cannot be here.
private final class SalvagedState {
    private let state: VaultState
    var index: Index { _read { yield state.index } }

    init(_ state: consuming VaultState) { self.state = state }
}
