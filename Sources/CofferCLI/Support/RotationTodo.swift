/// Lists what a lost machine could read and is not changed yet (docs/sync.md, "Rotation").
import CofferMemory
import CofferModel
import CofferVault

struct RotationTodo {
    let isJSON: Bool
    let clears: Bool

    func run(_ session: any Session) throws {
        let list = try session.exposedEntries()
        if isJSON { try printJSON(list?.entries ?? [], lost: list?.lost) } else { try printTable(list?.entries ?? []) }
        guard let list else {
            return Output.message("No machine of this vault was lost: there is nothing to do.")
        }
        if clears {
            try session.dropExposedEntries()
            return Output.message("The list is given up.")
        }
        let (lost, atSeconds, entries) = (list.lost, list.atSeconds, list.entries)
        let since = UTCTime(clampingUnixSeconds: atSeconds).dateText
        Output.message(
            entries.isEmpty
                ? "All that \(Shown.text(lost)) could read has been changed since \(since). To give the list up:"
                    + " coffer rotate --todo --clear"
                : "\(Shown.text(lost)), lost on \(since), could read these. Change each at its service, then with coffer set"
                    + " or coffer otp add: it leaves the list.")
    }

    private func printTable(_ entries: [ExposedEntry]) throws {
        guard !entries.isEmpty else { return }
        var table = Table(["entry", "user name", "secrets"], for: .standard, rowsExpected: entries.count)
        for entry in entries {
            table.cell(entry.title)
            table.cell(entry.username ?? "")
            table.cell(entry.fields.joined(separator: ", "))
        }
        try table.write()
    }

    private func printJSON(_ entries: [ExposedEntry], lost: String?) throws {
        var json = JSONWriter(PrivateBuilder(capacity: 256 + entries.count * 192))
        json.beginObject()
        json.key("lost")
        if let lost { json.value(lost) } else { json.null() }
        json.key("entries")
        json.beginArray()
        for entry in entries {
            json.beginObject()
            json.member("id", entry.id.hexadecimal)
            json.member("title", entry.title)
            json.key("username")
            if let username = entry.username { json.value(username) } else { json.null() }
            json.member("fields", entry.fields)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        let text = json.finish()
        try Output.standard.write(text.span)
    }
}
