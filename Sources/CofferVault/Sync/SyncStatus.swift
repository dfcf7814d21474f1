/// Who shares the vault, and how far each is (docs/sync.md, "Status").
import CofferFormat
import CofferMerge
import CofferModel
import Glibc

/// One machine's file in the shared folder.
package struct SyncedMachine: Equatable, Sendable {
    package let name: String
    /// From its receipt; empty without one.
    package let label: String
    package let isOwn: Bool
    /// When this machine first saw its latest state, by this machine's clock; 0 for never.
    package let changedAtSeconds: UInt64
    /// What its latest receipt says, by its own clock; 0 without one.
    package let heardAtSeconds: UInt64
    /// Entries of which it has edits that the vault has not; nil where its file cannot be read.
    package let aheadCount: Int?
    /// Entries of which the vault has edits that it has not.
    package let behindCount: Int?
    package let wentBack: Bool
    /// Whether its receipt is of another state than its file: one of them is still on its way, or withheld.
    package let isBehindReceipt: Bool
    /// Whether the file is no longer there.
    package let isMissing: Bool
}

package struct SyncStatus: Sendable {
    package let place: SyncPlace
    /// This machine first, then by label.
    package var machines: [SyncedMachine] = []
    package var skipped: [SkippedFile] = []
    /// Of the vault as it is here.
    package let fingerprint: [UInt8]
}

extension LocalSession {
    /// Reads the folder and changes nothing.
    package func readReplicas() throws(VaultError) -> SyncStatus {
        guard let place = syncPlace else { throw .placeUnknown }
        let folder = SyncFolder(place: place, keys: vault.keys)
        let own = place.ownName(machineID: machine.id, vaultID: vault.keys.context.vaultID)
        var status = SyncStatus(place: place, fingerprint: vault.fingerprint)
        let known = vault.memory?.state?.replicas ?? []
        var present: Set<String> = []
        let ownFiles = [vault.path, vault.path + ".lock"]
        var opened = 0
        for name in try folder.names(first: [own] + known.map(\.name)) where !ownFiles.contains(folder.path(of: name)) {
            guard opened < SyncFolder.replicasMaximum else {
                status.skipped.append(SkippedFile(name: name, reason: .tooMany))
                break
            }
            let remembered = known.first { $0.name == name }
            // Looked at as if for the first time: how far a file is can only be seen in it.
            switch folder.look(at: name, known: nil) {
            case .ignored: continue
            case .unchanged: continue
            case .skipped(let reason):
                if case .damaged = reason { opened += 1 }
                status.skipped.append(SkippedFile(name: name, reason: reason))
            case .newerEpoch(let epoch):
                status.skipped.append(SkippedFile(name: name, reason: .newerEpoch(epoch)))
            case .replica(let replica):
                opened += 1
                present.insert(name)
                let (ahead, behind) = try compare(replica.state)
                let receipt = folder.receipt(of: name)
                let short = Array(replica.state.id.prefix(RememberedState.shortCount))
                let isOld = remembered.map { $0.states.last != short && $0.states.contains(short) } ?? false
                status.machines.append(
                    SyncedMachine(
                        name: name, label: receipt?.machineLabel ?? remembered?.machineLabel ?? "",
                        isOwn: isOwn(name, receipt, own), changedAtSeconds: remembered?.seenAtSeconds ?? 0,
                        heardAtSeconds: max(receipt?.atSeconds ?? 0, remembered?.receiptAtSeconds ?? 0),
                        aheadCount: ahead, behindCount: behind, wentBack: isOld || remembered?.wentBack ?? false,
                        isBehindReceipt: receipt.map { $0.stateID != replica.state.id } ?? false, isMissing: false))
            }
        }
        for replica in known where !present.contains(replica.name) && !replica.machineLabel.isEmpty {
            status.machines.append(
                SyncedMachine(
                    name: replica.name, label: replica.machineLabel, isOwn: replica.name == own,
                    changedAtSeconds: replica.seenAtSeconds, heardAtSeconds: replica.receiptAtSeconds, aheadCount: nil,
                    behindCount: nil, wentBack: replica.wentBack, isBehindReceipt: false,
                    isMissing: !status.skipped.contains { $0.name == replica.name }))
        }
        status.machines.sort { ($0.isOwn ? 0 : 1, $0.label, $0.name) < ($1.isOwn ? 0 : 1, $1.label, $1.name) }
        return status
    }

    /// Under another name than the usual one this machine's file is known by its receipt.
    private func isOwn(_ name: String, _ receipt: Receipt?, _ usualName: String) -> Bool {
        name == usualName || receipt?.machineID == machine.id
    }

    /// How many entries of `other` have edits that the vault lacks, and the other way round. Opens those that differ.
    private func compare(_ other: borrowing VaultState) throws(VaultError) -> (ahead: Int, behind: Int) {
        var (ahead, behind) = (0, 0)
        for position in vault.state.index.differences(from: other.index) {
            let theirs = try other.versions(at: position, vault.keys)
            let own = vault.position(of: other.index.records[position].id)
            let ours =
                try own.map { place throws(VaultError) in try vault.state.versions(at: place, vault.keys) }
                ?? EntryVersions()
            if theirs.versions.contains(where: { ours[$0.id] == nil }) { ahead += 1 }
            if ours.versions.contains(where: { theirs[$0.id] == nil }) { behind += 1 }
        }
        behind += vault.records.count { other.index.position(of: $0.id) == nil }
        return (ahead, behind)
    }

    /// Whether another machine that shares the vault has this one's label.
    package var hasNamesake: Bool {
        guard let place = syncPlace else { return false }
        let own = place.ownName(machineID: machine.id, vaultID: vault.keys.context.vaultID)
        return (vault.memory?.state?.replicas ?? []).contains { $0.name != own && $0.machineLabel == machine.label }
    }

    /// The file in the folder of the machine that `name` names, by its label or by the beginning of the file's name, and the
    /// stamp that it had when it was merged.
    package func mergedReplica(named name: String) throws(VaultError) -> (name: String, stamp: FileStamp) {
        let replica = try remembered(name)
        return (replica.name, replica.stamp)
    }

    private func remembered(_ name: String) throws(VaultError) -> RememberedReplica {
        let replicas = vault.memory?.state?.replicas ?? []
        let byLabel = replicas.filter { $0.machineLabel == name }
        let found = byLabel.isEmpty ? replicas.filter { name.count >= 4 && $0.name.hasPrefix(name) } : byLabel
        guard let file = found.first else {
            throw .notFound(what: "machine \(name)", near: replicas.map(\.machineLabel).filter { !$0.isEmpty })
        }
        guard found.count == 1 else { throw .ambiguous(what: name, candidates: found.map(\.name)) }
        return file
    }

    /// Removes a machine's file and receipt, which must have been merged, from the folder.
    package func forget(_ name: String) throws(VaultError) {
        guard let place = syncPlace else { throw .placeUnknown }
        let receipt = SyncFolder(place: place, keys: vault.keys).receipt(of: name)
        guard !isOwn(name, receipt, place.ownName(machineID: machine.id, vaultID: vault.keys.context.vaultID)) else {
            throw .refused(
                why: "that is this machine's own file, which the next sync would write again; nothing was removed",
                remedy: "Run it on another machine.")
        }
        guard let known = vault.memory?.state?.replicas.first(where: { $0.name == name }) else {
            throw .notFound(what: "file \(name)", near: [])
        }
        try Self.remove(name, asMerged: known.stamp, from: place)
        vault.memory?.update { $0.replicas.removeAll { $0.name == name } }
    }

    /// Removes a replica, which must be the one of `stamp`, and its receipt.
    package static func remove(_ name: String, asMerged stamp: FileStamp, from place: SyncPlace) throws(VaultError) {
        guard stamp != .none else {
            throw .refused(
                why: "not all that \(name) holds could be merged; it stays",
                remedy: "Sync once more, and see what it says.")
        }
        let path = { (name: String) in place.folder + "/" + name }
        // One that is gone has nothing that could be lost.
        if let status = try? Folder.status(path(name)), FileStamp(status) != stamp {
            throw .inUse(path: path(name), why: "it has changed since it was merged")
        }
        for file in [name, SyncPlace.receiptName(name)] {
            do throws(SystemError) {
                try Folder.remove(path(file))
            } catch {
                guard error.number != ENOENT else { continue }
                throw .system(action: "remove", path: path(file), errno: error.number)
            }
        }
    }
}
