/// Lists the one-time passwords of all entries: a table for people, rows for pipes, JSON for scripts.
import CofferMemory
import CofferModel
import CofferVault

struct OneTimeCodeList {
    let session: any Session
    let pick: FieldReader.Pick
    let atSeconds: Int64

    private typealias Row = OneTimeEntry

    private static let gap = 2
    private static let headings = ["title", "code", "left", "user name"]

    func print(username: String?, json: Bool) throws {
        let rows = try session.oneTimeCodes(
            username: username, picksNewest: pick == .newest, atSeconds: atSeconds)
        if json { return try printJSON(rows) }
        guard !rows.isEmpty else {
            return Output.message("No entry has a one-time password. Add one: coffer otp add TITLE")
        }
        Output.standard.isTerminal ? try printColumns(rows) : try printLines(rows)
    }

    // MARK: Forms

    private func printLines(_ rows: [Row]) throws {
        var text = SecretBuilder()
        for row in rows {
            Escaping.append(cell: row.title.utf8Span.span, to: &text)
            text.append(UInt8(ascii: "\t"))
            appendCode(row, to: &text)
            text.append(UInt8(ascii: "\t"))
            text.append(remaining(row))
            text.append(UInt8(ascii: "\t"))
            Escaping.append(cell: (row.username ?? "").utf8Span.span, to: &text)
            text.append(UInt8(ascii: "\n"))
        }
        try Output.standard.write(text.span)
    }

    private func printColumns(_ rows: [Row]) throws {
        let output = Output.standard
        let titles = rows.map { Shown.text($0.title) }
        let titleWidth = (titles + Self.headings.prefix(1)).map { Self.columns($0) }.max() ?? 0
        let codeWidth = max(Self.columns(Self.headings[1]), rows.map { Self.codeColumns($0) }.max() ?? 0)
        let leftWidth = max(Self.columns(Self.headings[2]), rows.map { Self.columns(remaining($0)) }.max() ?? 0)
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
            appendCode(row, to: &text)
            text.append(spaces: codeWidth - Self.codeColumns(row) + Self.gap)
            text.append(remaining(row))
            text.append(spaces: leftWidth - Self.columns(remaining(row)) + Self.gap)
            text.append(Shown.text(row.username ?? ""))
            text.append(UInt8(ascii: "\n"))
        }
        try output.write(text.span)
    }

    private func printJSON(_ rows: [Row]) throws {
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
                OneTimeCode(code, atSeconds: atSeconds).writeMembers(to: &json)
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

    // MARK: Cells

    /// What stands where there is no code; never six digits, so that no script takes it for one.
    private static func absence(_ row: Row) -> String? {
        switch row.state {
        case .code: nil
        case .counter: "[--next]"
        case .conflict: "[conflict]"
        case .unreadable: "[unreadable]"
        }
    }

    private func appendCode(_ row: Row, to text: inout SecretBuilder) {
        if case .code(let code) = row.state { text.append(code.code) }
        if let absence = Self.absence(row) { text.append(absence) }
    }

    private static func codeColumns(_ row: Row) -> Int {
        if case .code(let code) = row.state { return code.code.count }
        return columns(absence(row) ?? "")
    }

    private func remaining(_ row: Row) -> String {
        guard case .code(let code) = row.state else { return "" }
        return "\(code.validUntilSeconds - atSeconds)"
    }

    private static func columns(_ text: String) -> Int { DisplayWidth.columns(text.utf8Span.span) }
}
