/// Says what a merge did or would do (docs/merge.md).
import CofferFormat
import CofferMemory
import CofferModel
import CofferVault

struct MergeText {
    let report: MergeReport
    let isDryRun: Bool

    // MARK: For people

    /// A row for each thing that happens to an entry.
    func print() throws {
        guard !report.entries.isEmpty || !report.tooLarge.isEmpty else { return }
        var table = Table(["what", "entry", "fields"], for: .standard, rowsExpected: report.entries.count)
        func row(_ what: String, _ entry: MergedEntry, _ fields: [String]) {
            table.cell(what)
            table.cell(entry.title)
            table.cell(fields.joined(separator: ", "))
        }
        for entry in report.entries {
            let other = entry.changed.filter { !entry.conflicts.contains($0) }
            if entry.isPurged || entry.isTrashed {
                row(entry.isPurged ? "purged" : "trashed", entry, [])
                continue
            }
            if entry.isAdded { row("added", entry, entry.changed) }
            if entry.isBroughtBack { row("brought back", entry, []) }
            if !entry.isAdded && entry.conflicts.isEmpty && entry.changed.isEmpty { row("history", entry, []) }
            if !entry.isAdded && !other.isEmpty { row("changed", entry, other) }
            if !entry.conflicts.isEmpty { row("conflict", entry, entry.conflicts) }
        }
        for entry in report.tooLarge { row("too large", entry, []) }
        try table.write()
    }

    /// The sum of it on standard error, and what there is to do.
    func say() {
        guard !report.isEmpty else { return Output.message("Nothing new: the vault holds all of it already.") }
        guard !report.entries.isEmpty || !report.keys.isEmpty || report.tooLarge.isEmpty else {
            Output.message(isDryRun ? "Nothing would be merged." : "Nothing was merged; the vault is as it was.")
            return sayTooLarge()
        }
        let added = report.entries.count(where: \.isAdded)
        let conflicts = report.entries.reduce(0) { $0 + $1.conflicts.count }
        let parts = [
            Self.count(added, "entry added", "entries added"),
            Self.count(report.entries.count - added, "entry changed", "entries changed"),
            Self.count(conflicts, "conflict", "conflicts"),
        ]
        Output.message(
            (isDryRun ? "This would be merged: " : "Merged: ") + parts.joined(separator: ", ")
                + (isDryRun ? "; nothing was changed." : report.tooLarge.isEmpty ? "; all saved." : "; that is saved."))
        sayKeysAndSizes()
        if !isDryRun { sayConflicts() }
    }

    /// Keys that come in, and entries that stay apart.
    func sayKeysAndSizes() {
        for key in report.keys { say(key) }
        sayTooLarge()
    }

    private func sayTooLarge() {
        for entry in report.tooLarge {
            Output.message(
                "coffer: warning: \(Shown.text(entry.title)) was not merged: with all that the files hold of it, it would be"
                    + " larger than 16 MiB. It is as it was, here and there. On one side, put what you need of it into a new"
                    + " entry, purge this one there (coffer rm, then coffer purge), and merge again.")
        }
    }

    private func sayConflicts() {
        let entries = report.entries.filter { !$0.conflicts.isEmpty }
        guard let first = entries.first, let field = first.conflicts.first else { return }
        let others = entries.count == 1 ? "" : " So have \(entries.count - 1) more entries."
        Output.message(
            "\(Shown.text(first.title)) has several values of \(Shown.text(field)); all are kept.\(others)"
                + " Compare: coffer conflicts --reveal. Choose: " + Shown.command("resolve", first.title, field))
    }

    private func say(_ key: MergedKey) {
        let name = key.role == .password ? "master password" : "recovery key"
        let machine = Shown.text(key.machine)
        let verb = isDryRun ? "would open" : "opens"
        switch (key.isReplacing, key.needsKeyFile) {
        case (true, _) where key.needsNewKeyFile:
            Output.message(
                "The \(name) or the key file was changed on \(machine): from now on that machine's \(verb) this vault. If it has"
                    + " another key file, bring it here by a way of its own, then: coffer config set key-file FILE")
        case (true, true):
            Output.message(
                "The vault was given a key file on \(machine): the \(name) of that machine \(verb) this vault from now on,"
                    + " and only together with that file. Bring the file here by a way of its own and pass --key-file FILE."
            )
        case (true, false):
            Output.message(
                "The \(name) was changed on \(machine): the new one \(verb) this vault from now on, the old one no more."
            )
        case (false, let needsKeyFile):
            Output.message(
                "Another \(name), made on \(machine)\(needsKeyFile ? " with a key file" : ""), \(verb) this vault too,"
                    + " until one is chosen: " + (key.role == .password ? "coffer passwd" : "coffer kit new"))
        }
    }

    private static func count(_ count: Int, _ one: String, _ many: String) -> String {
        "\(count) \(count == 1 ? one : many)"
    }

    // MARK: For scripts

    func printJSON() throws {
        var json = JSONWriter(PrivateBuilder(capacity: 256 + report.entries.count * 256))
        json.beginObject()
        json.member("dry_run", isDryRun)
        writeMembers(to: &json)
        json.endObject()
        let text = json.finish()
        try Output.standard.write(text.span)
    }

    /// The members that say what a merge does, into an object that is open.
    func writeMembers(to json: inout JSONWriter<PrivateBuilder>) {
        json.key("entries")
        write(report.entries, to: &json)
        json.key("too_large")
        write(report.tooLarge, to: &json)
        json.key("keys")
        json.beginArray()
        for key in report.keys {
            json.beginObject()
            json.member("role", key.role == .password ? "password" : "recovery")
            json.member("machine", key.machine)
            json.member("replaces", key.isReplacing)
            json.member("needs_key_file", key.needsKeyFile)
            json.endObject()
        }
        json.endArray()
    }

    private func write(_ entries: [MergedEntry], to json: inout JSONWriter<PrivateBuilder>) {
        json.beginArray()
        for entry in entries {
            json.beginObject()
            json.member("id", entry.id.hexadecimal)
            json.member("title", entry.title)
            json.member("added", entry.isAdded)
            json.member("changed", entry.changed)
            json.member("conflicts", entry.conflicts)
            json.member("brought_back", entry.isBroughtBack)
            json.member("trashed", entry.isTrashed)
            json.member("purged", entry.isPurged)
            json.endObject()
        }
        json.endArray()
    }
}
