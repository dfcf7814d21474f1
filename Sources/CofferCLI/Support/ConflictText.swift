/// Conflicts as people and scripts see them (docs/cli.md, "conflicts").
import CofferMemory
import CofferMerge
import CofferModel
import CofferVault

struct ConflictText {
    let conflicts: [FieldConflict]
    let duplicates: [DuplicateEntries]
    let isRevealed: Bool

    /// How much of a version's id is shown; `--pick` takes any beginning that only one of the values has.
    static let versionCount = 8

    // MARK: For people

    /// A block for each conflict: entry and field, then a line for each value.
    func print() throws {
        let output = Output.standard
        var text = SecretBuilder(capacity: 64 + conflicts.count * 512)
        for conflict in conflicts {
            Escaping.append(Array(conflict.entry.title.utf8).span, to: &text)
            text.append("  ")
            Escaping.append(Array(conflict.name.utf8).span, to: &text)
            text.append("\n")
            let machineColumns = conflict.heads.map { Self.columns($0.content?.by ?? "") }.max() ?? 0
            for head in conflict.heads { append(head, of: conflict, machineColumns, &text) }
        }
        try output.write(text.span)
    }

    private func append(
        _ head: EntryVersion, of conflict: FieldConflict, _ machineColumns: Int, _ text: inout SecretBuilder
    ) {
        let machine = escapedForTerminal(head.content?.by ?? "")
        text.append("  \(Self.version(head))  \(UTCTime(clampingUnixSeconds: head.content?.atSeconds ?? 0).text)  ")
        text.append(machine)
        text.append(spaces: machineColumns - Self.columns(head.content?.by ?? "") + 2)
        switch value(head, of: conflict) {
        case .some(let value) where !Self.isSecret(conflict) || isRevealed: Escaping.append(value.span, to: &text)
        case .some: text.append(EntryCard.mask)
        case nil: text.append("(removed)")
        }
        text.append("\n")
    }

    private static func columns(_ machine: String) -> Int {
        DisplayWidth.columns(escapedForTerminal(machine).utf8Span.span)
    }

    static func version(_ head: EntryVersion) -> String { String(head.id.bytes.hexadecimal.prefix(versionCount)) }

    /// Nil where the field was removed, or holds what has no text.
    private func value(_ head: EntryVersion, of conflict: FieldConflict) -> SecretSlice? { head.content?.value.text }

    static func isSecret(_ conflict: FieldConflict) -> Bool {
        switch conflict.field {
        case .title, .username, .template: return false
        case .custom:
            // One secret value makes the field a secret.
            return conflict.heads.contains { head in
                guard case .marked(_, false)? = head.content?.value else { return head.content?.value != .removed }
                return false
            }
        default: return true
        }
    }

    // MARK: For scripts

    func printJSON() throws {
        var json = JSONWriter(SecretBuilder(capacity: 64 + conflicts.count * 512))
        json.beginArray()
        for conflict in conflicts { write(conflict, to: &json) }
        for duplicate in duplicates { write(duplicate, to: &json) }
        json.endArray()
        let text = json.finish()
        try Output.standard.write(text.span)
    }

    private func write(_ conflict: FieldConflict, to json: inout JSONWriter<SecretBuilder>) {
        let isShown = isRevealed || !Self.isSecret(conflict)
        json.beginObject()
        json.member("title", conflict.entry.title)
        json.member("id", conflict.entry.id.hexadecimal)
        json.member("field", conflict.name)
        json.key("values")
        json.beginArray()
        for head in conflict.heads {
            json.beginObject()
            json.member("version", head.id.bytes.hexadecimal)
            json.member("machine", head.content?.by ?? "")
            json.member("at", unixSeconds: head.content?.atSeconds ?? 0)
            if isShown {
                json.key("value")
                if let value = value(head, of: conflict) { json.value(value) } else { json.null() }
            }
            json.endObject()
        }
        json.endArray()
        json.endObject()
    }

    /// Entries of one name: no field, no values, and the ids of all of them.
    private func write(_ duplicate: DuplicateEntries, to json: inout JSONWriter<SecretBuilder>) {
        json.beginObject()
        json.member("title", duplicate.title)
        json.member("id", duplicate.ids[0].hexadecimal)
        json.key("field")
        json.null()
        json.member("duplicates", duplicate.ids.map(\.hexadecimal))
        json.endObject()
    }
}
