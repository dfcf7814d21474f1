/// Remembers, outside every shared folder, which states of a vault this machine has seen (docs/sync.md, "What a machine
/// remembers"), so that a file that went back in time is named.
import CofferCrypto
import CofferFormat
import CofferModel
import Glibc

/// Two sealed notes in the machine's state folder: a short one that every command reads, and the list of states, which is
/// read only when the file is another one than the last.
///
/// Nothing here makes a command fail: a memory that cannot be kept protects less, and loses nothing.
package final class VaultMemory {
    /// What the file is, compared with what was seen.
    package enum Verdict: Equatable, Sendable {
        /// The state that was seen last, or a later one, or nothing was seen yet.
        case current
        /// A state that this machine has seen before, and newer ones since.
        /// `latest` counts the edits that were seen.
        case older(missing: UInt64, latest: UInt64, seenAtSeconds: UInt64)
        /// The keys of the vault have been changed since, on this machine.
        case olderEpoch
    }

    private let stateFolder: String
    private let folder: String
    private let path: String
    private let vaultPath: String
    private let keys: KeyHierarchy
    private let nowSeconds: @Sendable () -> UInt64
    private(set) var state: RememberedState?
    /// Whether there is a memory that cannot be read.
    package private(set) var isUnreadable = false
    private var newerEpoch = false
    /// Whether a vault that is only read is remembered; one that is saved always is.
    package var startsWhenReading = false
    /// For commands that must change nothing.
    package var isReadOnly = false

    /// Reads what `stateFolder` holds of the vault at `vaultPath`.
    package init(
        stateFolder: String, keys: KeyHierarchy, vaultPath: String, nowSeconds: @escaping @Sendable () -> UInt64
    ) {
        self.stateFolder = stateFolder
        folder = stateFolder + "/vaults"
        self.keys = keys
        self.vaultPath = vaultPath
        self.nowSeconds = nowSeconds
        let message = keys.context.vaultID + Array(vaultPath.utf8)
        path = folder + "/" + BLAKE2b.hash(message.span, count: 16).hexadecimal
        load()
    }

    /// The shared folder. It is also kept in a note of its own, not sealed: a change of the vault key that is interrupted
    /// between the vault and the memory must not end the sync.
    package var place: SyncPlace? {
        if let place = state?.place { return place }
        guard let bytes = read(path + ".place"), let text = String(validating: bytes, as: UTF8.self), text.count > 2
        else {
            return nil
        }
        let folder = String(text.dropFirst(2))
        return text.hasPrefix("d ") ? .folder(folder) : text.hasPrefix("f ") ? .file(folder) : nil
    }

    func keepPlace() {
        guard let place = state?.place else { return }
        let kind =
            switch place {
            case .folder: "d "
            case .file: "f "
            }
        let text = Array((kind + place.path).utf8)
        guard read(path + ".place") != text else { return }
        write(path + ".place", text)
    }

    package var exists: Bool { state != nil || isUnreadable || newerEpoch }

    func load() {
        state = nil
        isUnreadable = false
        newerEpoch = false
        let bytes: [UInt8]
        do throws(SystemError) {
            guard let found = try SmallFile.read(path + ".memory", countMaximum: SealedNote.countMaximum) else {
                return
            }
            bytes = found
        } catch {
            isUnreadable = true
            return
        }
        if let epoch = SealedNote.epoch(of: bytes), epoch != keys.context.epoch {
            // One of an earlier epoch is what the change of keys has left behind.
            newerEpoch = epoch > keys.context.epoch
            return
        }
        guard let content = note(.memory).open(bytes), let known = try? RememberedState.decode(content) else {
            isUnreadable = true
            return
        }
        state = known
    }

    // MARK: The local file

    /// Compares `stateID` with what was seen.
    package func verdict(_ stateID: [UInt8]) -> Verdict {
        if newerEpoch { return .olderEpoch }
        if state?.stateID == stateID { return .current }
        // Either note alone still tells: one of them may be lost.
        var seen = seenStates()
        if seen.states.isEmpty { seen = state?.recent ?? seen }
        guard let latest = state?.edits ?? seen.states.last?.edits, let edits = seen.edits(of: stateID), edits < latest
        else {
            return .current
        }
        return .older(missing: latest - edits, latest: latest, seenAtSeconds: state?.seenAtSeconds ?? 0)
    }

    /// Takes `stateID` for the latest state; `addedEdits` is how many edits it has more than the latest one, nil where
    /// that is not known because another program wrote it.
    package func saw(_ stateID: [UInt8], addedEdits: Int?) {
        load()
        var seen = seenStates()
        if seen.states.isEmpty { seen = state?.recent ?? seen }
        var next = state ?? RememberedState(stateID: stateID, edits: 0, seenAtSeconds: nowSeconds(), place: place)
        if state == nil, let last = seen.states.last { next.edits = last.edits &+ UInt64(max(0, addedEdits ?? 1)) }
        if state != nil && next.stateID != stateID {
            if let addedEdits {
                next.edits &+= UInt64(max(0, addedEdits))
            } else {
                next.edits = seen.edits(of: stateID) ?? next.edits &+ 1
                // Who wrote it is not known, so neither is what it holds of the replicas.
                next.replicas = []
            }
        }
        next.stateID = stateID
        next.seenAtSeconds = nowSeconds()
        if seen.states.last?.short != Array(stateID.prefix(RememberedState.shortCount)) {
            seen.append(stateID, edits: next.edits)
            write(path + ".states", note(.states).seal(seen.encoded))
        }
        next.recent = seen.latest(RememberedState.recentMaximum)
        keep(next)
    }

    /// Takes an older state for the latest one: a person said so. What was seen of replicas counts no more, because the
    /// vault does not hold it any longer.
    func accept(_ stateID: [UInt8]) {
        load()
        guard var next = state else { return saw(stateID, addedEdits: nil) }
        var seen = seenStates()
        next.edits = seen.edits(of: stateID) ?? next.edits
        next.stateID = stateID
        next.seenAtSeconds = nowSeconds()
        next.replicas = []
        seen.append(stateID, edits: next.edits)
        write(path + ".states", note(.states).seal(seen.encoded))
        next.recent = seen.latest(RememberedState.recentMaximum)
        keep(next)
    }

    /// The memory of the same file with other keys: the folder stays, and this machine's own files in it are known, so that
    /// they can be replaced.
    func successor(_ keys: KeyHierarchy, stateID: [UInt8]) -> VaultMemory {
        let next = VaultMemory(stateFolder: stateFolder, keys: keys, vaultPath: vaultPath, nowSeconds: nowSeconds)
        next.startsWhenReading = startsWhenReading
        next.state = nil
        var seen = SeenStates()
        seen.append(stateID, edits: 0)
        next.write(path + ".states", next.note(.states).seal(seen.encoded))
        var state = RememberedState(stateID: stateID, edits: 0, seenAtSeconds: nowSeconds(), place: place)
        // Who they were is known, and this machine's own file by its hash; what they hold must be read again.
        state.replicas = (self.state?.replicas ?? []).map { replica in
            var known = replica
            known.states = []
            known.edits = 0
            known.wentBack = false
            known.stamp = .none
            return known
        }
        next.keep(state)
        return next
    }

    /// Writes what is remembered, with what `change` makes of it.
    @discardableResult
    func update(_ change: (inout RememberedState) -> Void) -> Bool {
        guard var next = state else { return false }
        change(&next)
        guard next != state else { return true }
        return keep(next)
    }

    @discardableResult
    private func keep(_ next: RememberedState) -> Bool {
        isUnreadable = false
        newerEpoch = false
        state = next
        return write(path + ".memory", note(.memory).seal(next.encoded))
    }

    private func seenStates() -> SeenStates {
        read(path + ".states").flatMap { note(.states).open($0) }.flatMap(SeenStates.init) ?? SeenStates()
    }

    // MARK: Files

    private func note(_ kind: SealedNote.Kind) -> SealedNote { SealedNote(kind: kind, name: vaultPath, keys: keys) }

    /// Nil also where it cannot be read: the other notes tell as well.
    private func read(_ path: String) -> [UInt8]? {
        (try? SmallFile.read(path, countMaximum: SealedNote.countMaximum)) ?? nil
    }

    @discardableResult
    private func write(_ path: String, _ bytes: [UInt8]?) -> Bool {
        guard let bytes, !isReadOnly else { return false }
        do throws(SystemError) {
            try Folder.make(folder)
            try SmallFile.replace(path, bytes, isDurable: false)
            return true
        } catch {
            return false
        }
    }
}
