/// Says what was rescued of a damaged vault (docs/cli.md, "coffer verify").
import CofferMemory
import CofferModel
import CofferVault

/// What was rescued, and what the old index knows besides.
struct SalvageReport {
    let salvage: Salvage
    let source: String
    let output: String
    let kit: String?

    func print() throws {
        let recovered = salvage.entries.count
        if let missing = salvage.missing {
            try Output.standard.print(
                "Rescued \(recovered) of \(recovered + missing.count) entries into \(Shown.text(output)).")
            for entry in missing {
                try Output.standard.print("missing: \(Shown.text(entry.title)) (id:\(entry.id.hexadecimal.prefix(8)))")
            }
        } else {
            let count = recovered == 1 ? "1 entry" : "\(recovered) entries"
            try Output.standard.print(
                "Rescued \(count) into \(Shown.text(output)); the index is lost, so nobody can say whether there were more."
            )
        }
        if let kit { Output.message("The recovery sheet is \(Shown.text(kit)). Print it, then delete the file.") }
        Output.message(
            "\(Shown.text(source)) was left as it is. Compare with its backups before you delete anything: coffer backups"
        )
    }

    func printJSON() throws {
        var json = JSONWriter(PrivateBuilder(capacity: 1024))
        json.beginObject()
        json.member("output", output)
        json.member("rescued", salvage.entries.count)
        json.key("missing")
        if let missing = salvage.missing {
            json.beginArray()
            for entry in missing {
                json.beginObject()
                json.member("id", entry.id.hexadecimal)
                json.member("title", entry.title)
                json.endObject()
            }
            json.endArray()
        } else {
            json.null()
        }
        json.endObject()
        let text = json.finish()
        try Output.standard.write(text.span)
    }
}
