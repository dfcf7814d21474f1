/// Prints many entries: a table for people, rows for pipes, JSON for scripts.
import CofferFormat
import CofferMemory
import CofferModel
import CofferVault

enum Listing {
    static func print(_ positions: [Int], of vault: OpenVault, json: Bool) throws {
        let ordered = TitleOrder.sorted(positions, of: vault)
        if json { return try printJSON(ordered, vault) }
        let output = Output.standard
        let records = vault.records
        var text = PrivateBuilder(capacity: 64 + ordered.count * 48)
        let titleWidth = output.isTerminal ? widestTitle(ordered, vault, output.columns) : 0
        try vault.withIndexBytes { bytes in
            for position in ordered {
                let summary = records[position].summary
                let username = try vault.username(at: position)
                let start = text.count
                // Rows stay rows: a line feed in a title is spelled out for pipes too.
                Escaping.append(bytes.extracting(summary.title.range), to: &text)
                if !username.isAbsent {
                    if output.isTerminal {
                        text.append(spaces: max(2, titleWidth + 2 - (text.count - start)))
                    } else {
                        text.append(UInt8(ascii: "\t"))
                    }
                    Escaping.append(bytes.extracting(username.range), to: &text)
                }
                if summary.hasConflicts { text.append(fixed: "  [conflict]") }
                text.append(UInt8(ascii: "\n"))
            }
        }
        try output.write(text.span)
    }

    private static func printJSON(_ positions: [Int], _ vault: OpenVault) throws {
        var json = JSONWriter(PrivateBuilder(capacity: 64 + positions.count * 512))
        json.beginArray()
        for position in positions {
            EntryJSON.write(id: vault.records[position].id, try vault.shownOverview(at: position), to: &json)
        }
        json.endArray()
        let text = json.finish()
        try Output.standard.write(text.span)
    }

    /// In bytes, which is close enough to line up what is mostly Latin; at most half of the width.
    private static func widestTitle(_ positions: [Int], _ vault: OpenVault, _ columns: Int) -> Int {
        let records = vault.records
        return min(columns / 2, positions.map { records[$0].summary.title.range.count }.max() ?? 0)
    }
}
