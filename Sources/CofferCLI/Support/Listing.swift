/// Prints many entries: a table for people, rows for pipes, JSON for scripts.
import CofferFormat
import CofferMemory
import CofferModel
import CofferVault

enum Listing {
    static func print(_ list: EntryList, json: Bool) throws {
        if json { return try printJSON(list) }
        let output = Output.standard
        var text = PrivateBuilder(capacity: 64 + list.items.count * 48)
        guard output.isTerminal else {
            appendRows(list, to: &text)
            return try output.write(text.span)
        }
        let titleWidth = widestTitle(list, output.columns)
        list.withBytes { bytes in
            for item in list.items {
                let start = text.count
                Escaping.append(bytes.extracting(item.title), to: &text)
                if let username = item.username {
                    let columns = DisplayWidth.columns(text.span.extracting(start..<text.count))
                    text.append(spaces: max(2, titleWidth + 2 - columns))
                    Escaping.append(bytes.extracting(username), to: &text)
                }
                if item.hasConflicts { text.append(fixed: "  [conflict]") }
                text.append(UInt8(ascii: "\n"))
            }
        }
        try output.write(text.span)
    }

    /// A line an entry: the title, a tab and the user name, which may be empty; both exact, so that they find the
    /// entry.
    private static func appendRows(_ list: EntryList, to text: inout PrivateBuilder) {
        list.withBytes { bytes in
            for item in list.items {
                Escaping.append(cell: bytes.extracting(item.title), to: &text)
                text.append(UInt8(ascii: "\t"))
                Escaping.append(cell: bytes.extracting(item.username ?? 0..<0), to: &text)
                text.append(UInt8(ascii: "\n"))
            }
        }
    }

    private static func printJSON(_ list: EntryList) throws {
        var json = JSONWriter(PrivateBuilder(capacity: 64 + list.items.count * 512))
        json.beginArray()
        for item in list.items { EntryJSON.write(id: item.id, list.overview(item), to: &json) }
        json.endArray()
        let text = json.finish()
        try Output.standard.write(text.span)
    }

    /// In columns; at most half of the width.
    private static func widestTitle(_ list: EntryList, _ columns: Int) -> Int {
        list.withBytes { bytes in
            var widest = 0
            for item in list.items where widest < columns / 2 {
                widest = max(widest, DisplayWidth.columns(bytes.extracting(item.title)))
            }
            return min(columns / 2, widest)
        }
    }
}
