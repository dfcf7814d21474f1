/// Says what a sync did or would do (docs/sync.md).
import CofferFormat
import CofferMemory
import CofferMerge
import CofferModel
import CofferVault

struct SyncText {
    let report: SyncReport
    let isDryRun: Bool

    /// More names of one kind are counted, not listed.
    private static let namesMaximum = 5

    // MARK: For people

    /// `Synced: 3 changes in, 1 out, all saved.` and all there is to say besides.
    func say(_ session: any Session) {
        let merge = report.merge
        let incoming = merge.entries.count + merge.keys.count
        let outgoing = report.outCount.map { ", \($0) out" } ?? ""
        let changes = incoming == 1 ? "1 change in" : "\(incoming) changes in"
        if report.place != nil {
            Output.message(
                isDryRun
                    ? "A sync would bring: \(changes)\(outgoing); nothing was changed."
                    : "Synced: \(changes)\(outgoing), \(merge.tooLarge.isEmpty ? "all " : "")saved.")
        }
        saySkipped()
        sayNews(session)
        if let (found, missing) = report.cameBack {
            Output.message(
                "The older file is the vault now: \(found) of \(missing == 1 ? "1 missing edit" : "\(missing) missing edits")"
                    + " came back." + (found < missing ? " Other machines may hold the rest: sync with them too." : ""))
        }
        if report.place != nil && !report.isRemembered && !isDryRun {
            Output.message(
                "coffer: warning: this machine cannot remember the shared folder; name it again next time.")
        }
    }

    /// What no later sync would say again: keys, entries left apart, files that went back, copies, another name, conflicts.
    func sayNews(_ session: any Session) {
        MergeText(report: report.merge, isDryRun: isDryRun).sayKeysAndSizes()
        sayWentBack()
        sayCopies()
        if let (usual, taken) = report.otherName {
            Output.message(
                "Published as \(Shown.text(taken)), because what lies at \(Shown.text(usual)) is not to be overwritten."
            )
        }
        if !isDryRun { sayConflicts(session) }
    }

    /// Every clash that came in, one sentence each.
    private func sayConflicts(_ session: any Session) {
        for entry in report.merge.entries where !entry.conflicts.isEmpty {
            for conflict in conflicts(of: entry, session) { Output.message(Self.sentence(conflict, session)) }
        }
    }

    private func conflicts(of entry: MergedEntry, _ session: any Session) -> [FieldConflict] {
        guard let now = try? session.singleEntry(entry.id, .nothing) else { return [] }
        return FieldConflict.all(of: now).filter { entry.conflicts.contains($0.field.groupName) }
    }

    /// `work/vk has two passwords (work-pc 14:05, laptop 14:02); both are kept. …`
    private static func sentence(_ conflict: FieldConflict, _ session: any Session) -> String {
        let count = conflict.heads.count
        let number = count == 2 ? "two" : count == 3 ? "three" : "\(count)"
        let what =
            conflict.field == .password ? "\(number) passwords" : "\(number) values of \(Shown.text(conflict.name))"
        let today = UTCTime(clampingUnixSeconds: session.author.nowSeconds()).dateText
        let heads = conflict.heads.map { head in
            let time = UTCTime(clampingUnixSeconds: head.content?.atSeconds ?? 0)
            let clock = String(time.text.dropFirst(11).prefix(5))
            return "\(Shown.text(head.content?.by ?? "")) \(time.dateText == today ? "" : time.dateText + " ")\(clock)"
        }
        return "\(Shown.text(conflict.entry.title)) has \(what) (\(heads.joined(separator: ", ")));"
            + " \(count == 2 ? "both" : "all") are kept. Compare: coffer conflicts --reveal."
            + " Choose: " + Shown.command("resolve", conflict.entry.title, conflict.name)
    }

    private func sayWentBack() {
        for file in report.wentBack {
            Output.message(
                file.isOwn
                    ? "coffer: warning: this machine's own file in the shared folder had gone back in time; it was published again."
                    : "coffer: warning: \(Self.name(file)) went back in time: it is older than what this machine has seen of"
                        + " it. Nothing is lost here. If nobody restored that machine from a backup, somebody replays old files."
            )
        }
    }

    private static func name(_ file: WentBack) -> String {
        file.machineLabel.isEmpty
            ? Shown.text(file.name) : "\(Shown.text(file.machineLabel)) (\(Shown.text(file.name)))"
    }

    private func saySkipped() {
        let junk = report.skipped.filter { $0.reason == .notAVault }.map(\.name)
        if !junk.isEmpty { Output.message("Skipped, no vaults: \(Self.list(junk)).") }
        let others = report.skipped.filter { $0.reason != .notAVault }
        for file in others.prefix(Self.namesMaximum) {
            Output.message("Skipped: \(Shown.text(file.name)), \(Self.text(file.reason)).")
        }
        if others.count > Self.namesMaximum {
            Output.message("Skipped: \(others.count - Self.namesMaximum) more.")
        }
    }

    private func sayCopies() {
        guard !report.mergedCopies.isEmpty, !isDryRun, case .file(let path)? = report.place else { return }
        let copies = report.mergedCopies.filter { $0 != Folder.name(of: path) }
        guard !copies.isEmpty else { return }
        Output.message("Merged, and no longer needed: \(Self.list(copies)).")
    }

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(namesMaximum).map { Shown.text($0) }.joined(separator: ", ")
        return names.count > namesMaximum ? "\(shown) and \(names.count - namesMaximum) more" : shown
    }

    static func text(_ reason: SkipReason) -> String {
        switch reason {
        case .notAVault: "no vault"
        case .notAFile(let what): "a \(what)"
        case .unreadable(let number): "which cannot be read: \(SystemError(number: number).text)"
        case .damaged(let place): "damaged, not whole yet, or forged (\(place))"
        case .unsupported(let what): "which this program does not support: \(what)"
        case .otherVault: "another vault"
        case .olderEpoch(let epoch):
            "of the earlier key epoch \(epoch): its machine has not taken over the new vault key"
        case .newerEpoch(let epoch):
            "of the newer key epoch \(epoch): another machine has changed the vault key. If you know of it:"
                + " coffer sync --accept-rotation"
        case .otherKey(let epoch):
            "of key epoch \(epoch) with another vault key, unless it is damaged or forged: two machines rotated at once."
                + " Take it in with its password (coffer merge FILE), then rotate once more"
        case .tooMany: "as more vault files are here than are looked at"
        }
    }

    // MARK: For scripts

    /// Stays the same when the sentence changes.
    private static func code(_ reason: SkipReason) -> String {
        switch reason {
        case .notAVault: "not_a_vault"
        case .notAFile: "not_a_file"
        case .unreadable: "unreadable"
        case .damaged: "damaged"
        case .unsupported: "unsupported"
        case .otherVault: "other_vault"
        case .olderEpoch: "older_epoch"
        case .newerEpoch: "newer_epoch"
        case .otherKey: "other_key"
        case .tooMany: "too_many"
        }
    }

    /// The member `skipped`, into an object that is open.
    static func writeMember(_ skipped: [SkippedFile], to json: inout JSONWriter<PrivateBuilder>) {
        json.key("skipped")
        json.beginArray()
        for file in skipped {
            json.beginObject()
            json.member("file", file.name)
            json.member("reason", code(file.reason))
            json.member("why", text(file.reason))
            json.endObject()
        }
        json.endArray()
    }

    func printJSON() throws {
        var json = JSONWriter(PrivateBuilder(capacity: 1024 + report.merge.entries.count * 256))
        json.beginObject()
        json.member("dry_run", isDryRun)
        json.key("place")
        if let place = report.place { json.value(place.path) } else { json.null() }
        json.member("published", report.isPublished)
        json.key("out")
        if let count = report.outCount { json.value(count) } else { json.null() }
        MergeText(report: report.merge, isDryRun: isDryRun).writeMembers(to: &json)
        Self.writeMember(report.skipped, to: &json)
        json.member("went_back", report.wentBack.map(\.name))
        json.member("merged_copies", report.mergedCopies)
        json.key("published_as")
        if let (_, taken) = report.otherName { json.value(taken) } else { json.null() }
        json.key("came_back")
        if let (found, _) = report.cameBack { json.value(unsigned: found) } else { json.null() }
        json.key("missing")
        if let (_, missing) = report.cameBack { json.value(unsigned: missing) } else { json.null() }
        json.endObject()
        let text = json.finish()
        try Output.standard.write(text.span)
    }
}
