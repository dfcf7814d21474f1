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
        var text = PrivateBuilder(capacity: 64 + ordered.count * 48)
        guard output.isTerminal else {
            try appendRows(ordered, vault, to: &text)
            return try output.write(text.span)
        }
        let titleWidth = try widestTitle(ordered, vault, output.columns)
        try vault.withIndexBytes { bytes in
            for position in ordered {
                let (title, username) = try vault.shownNames(at: position)
                let start = text.count
                Escaping.append(bytes.extracting(title.range), to: &text)
                if !username.isAbsent {
                    let columns = DisplayWidth.columns(text.span.extracting(start..<text.count))
                    text.append(spaces: max(2, titleWidth + 2 - columns))
                    Escaping.append(bytes.extracting(username.range), to: &text)
                }
                if try vault.hasConflicts(at: position) { text.append(fixed: "  [conflict]") }
                text.append(UInt8(ascii: "\n"))
            }
        }
        try output.write(text.span)
    }

    /// A line an entry: the title, a tab and the user name, which may be empty; both exact, so that they find the
    /// entry.
    private static func appendRows(_ positions: [Int], _ vault: OpenVault, to text: inout PrivateBuilder) throws {
        try vault.withIndexBytes { bytes in
            for position in positions {
                let (title, username) = try vault.shownNames(at: position)
                Escaping.append(cell: bytes.extracting(title.range), to: &text)
                text.append(UInt8(ascii: "\t"))
                Escaping.append(cell: bytes.extracting(username.range), to: &text)
                text.append(UInt8(ascii: "\n"))
            }
        }
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

    /// In columns; at most half of the width.
    private static func widestTitle(_ positions: [Int], _ vault: OpenVault, _ columns: Int) throws -> Int {
        try vault.withIndexBytes { bytes in
            var widest = 0
            for position in positions where widest < columns / 2 {
                let title = try vault.shownNames(at: position).title.range
                widest = max(widest, DisplayWidth.columns(bytes.extracting(title)))
            }
            return min(columns / 2, widest)
        }
    }
}
