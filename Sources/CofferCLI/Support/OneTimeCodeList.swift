/// Lists the one-time passwords of all entries: a table for people, rows for pipes, JSON for scripts.
import CofferMemory
import CofferModel

struct OneTimeCodeList {
    let source: OneTimeCodeSource
    let atSeconds: Int64

    private static let gap = 2
    private static let headings = ["title", "code", "left", "user name"]

    func print(json: Bool) throws {
        let rows = try source.rows(atSeconds: atSeconds)
        if json { return try printJSON(rows) }
        guard !rows.isEmpty else { return Output.message(OneTimeCodeSource.emptyText) }
        Output.standard.isTerminal ? try printColumns(rows) : try printLines(rows)
    }

    // MARK: Forms

    private func printLines(_ rows: [OneTimeCodeRow]) throws {
        var text = SecretBuilder()
        for row in rows {
            Escaping.append(cell: row.title.utf8Span.span, to: &text)
            text.append(UInt8(ascii: "\t"))
            row.appendCode(to: &text)
            text.append(UInt8(ascii: "\t"))
            text.append(row.remaining)
            text.append(UInt8(ascii: "\t"))
            Escaping.append(cell: (row.username ?? "").utf8Span.span, to: &text)
            text.append(UInt8(ascii: "\n"))
        }
        try Output.standard.write(text.span)
    }

    private func printColumns(_ rows: [OneTimeCodeRow]) throws {
        let output = Output.standard
        let titles = rows.map { Shown.text($0.title) }
        let titleWidth = (titles + Self.headings.prefix(1)).map { Self.columns($0) }.max() ?? 0
        let codeWidth = max(Self.columns(Self.headings[1]), rows.map { $0.codeColumns }.max() ?? 0)
        let leftWidth = max(Self.columns(Self.headings[2]), rows.map { Self.columns($0.remaining) }.max() ?? 0)
        let widths = [titleWidth, codeWidth, leftWidth]
        var text = SecretBuilder()
        output.begin(.faint, in: &text)
        for (heading, width) in zip(Self.headings, widths) {
            text.append(heading)
            text.append(spaces: width - Self.columns(heading) + Self.gap)
        }
        text.append(Self.headings[3])
        output.endStyle(in: &text)
        text.append(UInt8(ascii: "\n"))
        for (row, title) in zip(rows, titles) {
            text.append(title)
            text.append(spaces: titleWidth - Self.columns(title) + Self.gap)
            row.appendCode(to: &text)
            text.append(spaces: codeWidth - row.codeColumns + Self.gap)
            text.append(row.remaining)
            text.append(spaces: leftWidth - Self.columns(row.remaining) + Self.gap)
            text.append(Shown.text(row.username ?? ""))
            text.append(UInt8(ascii: "\n"))
        }
        try output.write(text.span)
    }

    private func printJSON(_ rows: [OneTimeCodeRow]) throws {
        var json = JSONWriter(SecretBuilder(capacity: 64 + rows.count * 512))
        json.beginArray()
        for row in rows {
            json.beginObject()
            json.member("id", row.id.hexadecimal)
            json.member("title", row.title)
            json.key("username")
            if let username = row.username { json.value(username) } else { json.null() }
            switch row.state {
            case .code(let code):
                json.member("kind", "totp")
                code.writeMembers(to: &json)
            case .counter(let counter):
                json.member("kind", "hotp")
                json.key("counter")
                json.value(unsigned: counter)
            case .conflict: json.member("conflict", true)
            case .unreadable: json.member("unreadable", true)
            }
            json.endObject()
        }
        json.endArray()
        let text = json.finish()
        try Output.standard.write(text.span)
    }

    private static func columns(_ text: String) -> Int { DisplayWidth.columns(text.utf8Span.span) }
}
