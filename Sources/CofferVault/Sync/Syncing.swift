/// Reads all replicas, merges, saves, and publishes (docs/sync.md).
import CofferCrypto
import CofferFormat
import CofferMerge
import CofferModel
import Glibc

extension LocalSession {
    /// How often a sync starts again because somebody wrote this machine's file in the meantime.
    private static let attemptsMaximum = 5
    /// A receipt is renewed after a day without changes, so that its age tells whether a machine is alive.
    private static let receiptAgeSeconds: UInt64 = 86_400

    /// Whether `place` is another one than this vault was put at last.
    package func isFirstSync(_ place: SyncPlace) -> Bool { syncPlace != place }

    /// The place that was named last.
    package var syncPlace: SyncPlace? { vault.memory?.place }

    /// Merges all replicas at `place` into the vault and publishes this machine's own; with `isDryRun` only says what that
    /// would do.
    ///
    /// With `acceptsOlder` the vault may be older than what this machine has seen; what its backups and the replicas hold
    /// is merged back. Refuses when a replica has a newer vault key, before anything is changed.
    package func performSync(
        _ place: SyncPlace?, isDryRun: Bool = false, acceptsOlder: Bool = false
    ) throws(VaultError) -> SyncReport {
        if let place { try refuseOwnVault(place) }
        let known = place ?? syncPlace
        var report = SyncReport(place: known)
        let older = acceptsOlder ? try acceptOlder(&report, isDryRun: isDryRun) : nil
        if let known {
            try sync(known, &report, isDryRun: isDryRun)
        } else if older == nil {
            throw .placeUnknown
        }
        if !isDryRun { report.cameBack = older?.cameBack(by: vault.memory?.state?.edits ?? 0) }
        return report
    }

    private func sync(_ place: SyncPlace, _ report: inout SyncReport, isDryRun: Bool) throws(VaultError) {
        for attempt in 1...Self.attemptsMaximum {
            let isDone = try vault.underLock { () throws(VaultError) in
                try syncOnce(place, &report, isDryRun: isDryRun, isFirst: attempt == 1)
            }
            if isDone { return }
        }
        throw .inUse(path: place.path, why: "something keeps writing this machine's file in the shared folder")
    }

    /// Syncers would carry the vault that is being written, with its lock and backups.
    package func refuseOwnVault(_ place: SyncPlace) throws(VaultError) {
        let isOwn: Bool
        switch place {
        case .file(let path): isOwn = path == vault.path
        case .folder(let path): isOwn = vault.path.hasPrefix(path == "/" ? path : path + "/")
        }
        guard !isOwn else {
            throw .refused(
                why: "the vault itself lies there, and each machine works on a file of its own; nothing was changed",
                remedy:
                    "Name another folder, or move the vault out of it: the shared folder then holds copies only (docs/sync.md)."
            )
        }
    }

    // MARK: One round

    /// What a look at the folder found.
    private struct Look {
        var replicas: [String: RememberedReplica]
        /// The file that will be replaced: its name, and its stamp if there is one.
        var ownName: String
        var ownStamp: FileStamp?
        var skipped: [SkippedFile] = []
        var wentBack: [WentBack] = []
        var mergedCopies: [String] = []
        /// The hashes of header and index of what was merged.
        var merged: Set<[UInt8]> = []
        /// The files that were opened this time, this machine's own aside.
        var opened: [String] = []
        var newest: (name: String, epoch: UInt64)?

        /// What was opened holds something that could not be merged: it is opened again the next time, and removed by nobody.
        mutating func leaveUnmerged() {
            mergedCopies = []
            for name in opened {
                replicas[name]?.stamp = .none
                replicas[name]?.contentHash = []
            }
        }
    }

    /// False when somebody has written this machine's file meanwhile.
    private func syncOnce(
        _ place: SyncPlace, _ report: inout SyncReport, isDryRun: Bool, isFirst: Bool
    ) throws(VaultError) -> Bool {
        let folder = SyncFolder(place: place, keys: vault.keys)
        let known = vault.memory?.state.flatMap {
            $0.stateID == vault.state.id && $0.place == place ? $0.replicas : nil
        }
        var look = Look(
            replicas: Dictionary((known ?? []).map { ($0.name, $0) }, uniquingKeysWith: { $1 }),
            ownName: place.ownName(machineID: machine.id, vaultID: vault.keys.context.vaultID))
        var plan = MergePlan(vault)
        try read(folder, into: &plan, &look)
        if let newest = look.newest { throw .rotated(path: folder.path(of: newest.name), epoch: newest.epoch) }

        let (edits, merge) = try plan.finish()
        report.add(merge)
        if !merge.tooLarge.isEmpty { look.leaveUnmerged() }
        report.skipped = look.skipped
        report.mergedCopies = look.mergedCopies
        if isFirst { report.wentBack = look.wentBack }
        // Before anything comes in: what was merged is no change of this machine's.
        if report.outCount == nil { report.outCount = outCount(folder, look) }
        guard !isDryRun else { return true }
        try vault.write(edits)
        return try publish(place, folder, &look, &report)
    }

    private func read(_ folder: SyncFolder, into plan: inout MergePlan, _ look: inout Look) throws(VaultError) {
        var opened = 0
        let ownFiles = [vault.path, vault.path + ".lock"]
        // What is known comes before what somebody may have put there to use up the limit.
        let names = try folder.names(first: [look.ownName] + look.replicas.keys.sorted())
        for name in names where !ownFiles.contains(folder.path(of: name)) {
            let isOwn = name == look.ownName
            guard opened < SyncFolder.replicasMaximum || isOwn else {
                look.skipped.append(SkippedFile(name: name, reason: .tooMany))
                break
            }
            let known = look.replicas[name]
            switch folder.look(at: name, known: known, isOwn: isOwn) {
            case .ignored: continue
            case .unchanged(let stamp):
                look.replicas[name]?.stamp = stamp
                if isOwn { look.ownStamp = stamp }
            case .newerEpoch(let epoch):
                if look.newest.map({ $0.epoch < epoch }) ?? true { look.newest = (name, epoch) }
            case .skipped(let reason):
                if isOwn, case .olderEpoch = reason, let stamp = stampOfOwn(folder.path(of: name), known) {
                    // The vault as it was before its key was changed: all of it was sealed again, and nothing is lost with it.
                    look.ownStamp = stamp
                    continue
                }
                look.skipped.append(SkippedFile(name: name, reason: reason))
                // One that passes for this vault's until all of it is read costs as much as a replica.
                if case .damaged = reason { opened += 1 }
                if isOwn { look.ownName = freeName(name, folder, look) }
            case .replica(let replica):
                opened += 1
                if !isOwn { look.opened.append(name) }
                try take(replica, folder, into: &plan, &look)
            }
        }
    }

    /// Merges one replica, or names it when it contradicts what is known.
    private func take(
        _ replica: borrowing Replica, _ folder: SyncFolder, into plan: inout MergePlan, _ look: inout Look
    ) throws(VaultError) {
        let name = replica.name
        let isOwn = name == look.ownName
        // Only what was merged whole stands for its copies: one whose entries are damaged has the same header and index.
        if !look.merged.contains(replica.contentHash) {
            do throws(VaultError) {
                try plan.add(replica.state)
                look.merged.insert(replica.contentHash)
            } catch {
                let reason: SkipReason
                switch error {
                case .damaged(_, let place): reason = .damaged(place: place)
                case .limitExceeded(let what): reason = .unsupported(what: what)
                default: throw error
                }
                look.skipped.append(SkippedFile(name: name, reason: reason))
                if isOwn { look.ownName = freeName(name, folder, look) }
                return
            }
        }
        if isOwn { look.ownStamp = replica.stamp }
        let receipt = folder.receipt(of: name)
        let remembered = remember(replica, receipt, look.replicas[name])
        if remembered.wentBack {
            look.wentBack.append(WentBack(name: name, machineLabel: remembered.machineLabel, isOwn: isOwn))
        }
        // A copy that a syncer made beside a machine's file is of no use once it is merged; hidden ones it removes itself.
        if !isOwn && receipt == nil && look.replicas[name] == nil && !name.hasPrefix(".") {
            look.mergedCopies.append(name)
        }
        look.replicas[name] = remembered
    }

    private func remember(
        _ replica: borrowing Replica, _ receipt: Receipt?, _ known: RememberedReplica?
    ) -> RememberedReplica {
        let short = Array(replica.state.id.prefix(RememberedState.shortCount))
        let edits = edits(in: replica.state) ?? known?.edits ?? 0
        var states = known?.states ?? []
        let isSeenBefore = states.dropLast().contains(short) && states.last != short
        let isFewer = known.map { edits < $0.edits } ?? false
        let wentBack = isSeenBefore || (isFewer && states.last != short)
        // What went back stays known as what it was, so that it is named until it has caught up.
        if !wentBack && states.last != short { states.append(short) }
        return RememberedReplica(
            name: replica.name, stamp: replica.stamp, contentHash: replica.contentHash, states: states,
            edits: wentBack ? known?.edits ?? edits : edits, seenAtSeconds: author.nowSeconds(),
            machineLabel: receipt?.machineLabel ?? known?.machineLabel ?? "",
            receiptAtSeconds: max(receipt?.atSeconds ?? 0, known?.receiptAtSeconds ?? 0), wentBack: wentBack)
    }

    /// The stamp of the file at `path`, if its header and index are those that this machine left there, or those of a backup
    /// beside the vault.
    private func stampOfOwn(_ path: String, _ known: RememberedReplica?) -> FileStamp? {
        do throws(VaultError) {
            let (stamp, hash) = try Container.open(path, followsLinks: false).stampAndHash()
            if known?.contentHash == hash { return stamp }
            for backup in Backups(ofVault: vault.path).list() {
                if try Container.open(backup.path).stampAndHash().1 == hash { return stamp }
            }
            return nil
        } catch {
            return nil
        }
    }

    /// The name to publish under when something else has the own one, which is never overwritten: one that is free, or was
    /// taken for the same reason before.
    private func freeName(_ name: String, _ folder: SyncFolder, _ look: Look) -> String {
        var stem = name.hasSuffix(SyncPlace.suffix) ? String(name.dropLast(SyncPlace.suffix.count)) : name
        if case .folder = folder.place, let dash = stem.firstIndex(of: "-") { stem = String(stem[..<dash]) }
        for number in 2...99 {
            let other = "\(stem)-\(number)\(SyncPlace.suffix)"
            if (try? Folder.status(folder.path(of: other))) == nil { return other }
            if folder.receipt(of: other)?.machineID == machine.id { return other }
            // Beside one file for all there are no receipts; only what this machine published has a label.
            if case .file = folder.place, look.replicas[other]?.machineLabel == machine.label { return other }
        }
        return "\(stem)-100\(SyncPlace.suffix)"
    }

    // MARK: Publishing

    private func publish(
        _ place: SyncPlace, _ folder: SyncFolder, _ look: inout Look, _ report: inout SyncReport
    ) throws(VaultError) -> Bool {
        let short = Array(vault.state.id.prefix(RememberedState.shortCount))
        let own = look.replicas[look.ownName]
        // What went back is known by the state that it should have, not by the one that it has.
        let isCurrent = look.ownStamp != nil && own?.states.last == short && own?.wentBack == false
        if !isCurrent {
            let target = folder.path(of: look.ownName)
            guard let stamp = try Publishing(target: target).publish(vault.state, replacing: look.ownStamp) else {
                return false
            }
            report.isPublished = true
            let usualName = place.ownName(machineID: machine.id, vaultID: vault.keys.context.vaultID)
            if look.ownName != usualName { report.otherName = (usualName, look.ownName) }
            let hash = try vault.state.container.stampAndHash().1
            var states = look.replicas[look.ownName]?.states ?? []
            states.append(short)
            look.replicas[look.ownName] = RememberedReplica(
                name: look.ownName, stamp: stamp, contentHash: hash, states: states,
                edits: vault.memory?.state?.edits ?? 0, seenAtSeconds: author.nowSeconds(),
                machineLabel: machine.label,
                receiptAtSeconds: look.replicas[look.ownName]?.receiptAtSeconds ?? 0, wentBack: false)
        }
        writeReceipt(folder, &look, isPublished: !isCurrent)
        if vault.memory?.state == nil { vault.memory?.saw(vault.state.id, addedEdits: nil) }
        // Of too many, those of machines are remembered, and not copies that anybody can make of them.
        let replicas = look.replicas.values.sorted {
            ($0.machineLabel.isEmpty ? 0 : 1, $0.name) < ($1.machineLabel.isEmpty ? 0 : 1, $1.name)
        }
        report.isRemembered =
            vault.memory?.update { state in
                state.place = place
                state.replicas = replicas
            } ?? false
        vault.memory?.keepPlace()
        return true
    }

    /// One shared file has no receipts: it is everybody's.
    private func writeReceipt(_ folder: SyncFolder, _ look: inout Look, isPublished: Bool) {
        guard case .folder = folder.place, var own = look.replicas[look.ownName] else { return }
        let now = author.nowSeconds()
        let isOld = now < own.receiptAtSeconds || now - own.receiptAtSeconds > Self.receiptAgeSeconds
        guard isPublished || isOld else { return }
        let receipt = Receipt(
            machineID: machine.id, machineLabel: machine.label, atSeconds: min(now, Limits.atSeconds),
            stateID: vault.state.id)
        // A receipt that cannot be written is an old one for the others, and nothing is lost.
        guard let bytes = receipt.sealed(name: look.ownName, vault.keys),
            (try? SmallFile.replace(
                folder.path(of: SyncPlace.receiptName(look.ownName)), bytes, isDurable: false)) != nil
        else { return }
        own.receiptAtSeconds = now
        look.replicas[look.ownName] = own
    }

    // MARK: Counting

    /// The entries in which the file that is about to be replaced differs from the vault.
    private func outCount(_ folder: SyncFolder, _ look: Look) -> Int {
        guard let stamp = look.ownStamp else { return vault.recordCount }
        let short = vault.state.id.prefix(RememberedState.shortCount)
        if let own = look.replicas[look.ownName], own.stamp == stamp, !own.wentBack, own.states.last == Array(short) {
            return 0
        }
        guard case .replica(let replica) = folder.look(at: look.ownName, known: nil) else { return vault.recordCount }
        return differingCount(replica.state)
    }

    /// How many entries differ between the vault and `other`.
    private func differingCount(_ other: borrowing VaultState) -> Int {
        let same = other.index.records.count - vault.state.index.differences(from: other.index).count
        return max(vault.recordCount, other.index.records.count) - same
    }

    /// The edits in `other`, counted as the memory counts those of the vault; nil where too many entries differ to count.
    private func edits(in other: borrowing VaultState) -> UInt64? {
        guard let edits = vault.memory?.state?.edits, vault.memory?.state?.stateID == vault.state.id else { return nil }
        return try? EditCount(vault: vault).difference(to: other).map { difference in
            difference < 0 ? edits - min(edits, UInt64(-difference)) : edits &+ UInt64(difference)
        }
    }
}
