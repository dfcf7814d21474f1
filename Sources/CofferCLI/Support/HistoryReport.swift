/// Versions of fields as people and scripts see them (docs/cli.md, "history").
import CofferMemory
import CofferMerge
import CofferModel

/// What each version did to its field, one row each.
struct HistoryReport {
    /// What a version did; scripts get these words.
    enum Event: String {
        case set, removed, trimmed, trashed, restored, purged, joined, enrolled, retired, used, unused, unknown
    }

    struct Row {
        let version: EntryVersion
        let isCurrent: Bool
        let field: String
        let event: Event
        let isSecret: Bool
        let value: SecretSlice?
    }

    let rows: [Row]
    let isRevealed: Bool

    // MARK: For people

    /// Columns for a terminal, tabs for a pipe: time, machine, field, value, and what is to be said beside.
    func print() throws {
        let output = Output.standard
        let machineWidth = width(rows.map { $0.version.content?.by ?? "" })
        let fieldWidth = width(rows.map(\.field))
        var text = SecretBuilder(capacity: 64 + rows.count * 160)
        for row in rows {
            text.append(UInt8(ascii: row.isCurrent ? "*" : " "))
            text.append(" ")
            let content = row.version.content
            cell(content.map { UTCTime(clampingUnixSeconds: $0.atSeconds).text } ?? "-", 20, output, &text)
            cell(content?.by ?? "-", machineWidth, output, &text)
            cell(row.field, fieldWidth, output, &text)
            append(row, to: &text)
            text.append(UInt8(ascii: "\n"))
        }
        try output.write(text.span)
    }

    private func append(_ row: Row, to text: inout SecretBuilder) {
        if let value = row.value {
            if row.isSecret && !isRevealed {
                text.append(EntryCard.mask)
            } else {
                Output.standard.append(cell: value.span, to: &text)
            }
        }
        guard row.event != .set else { return }
        text.append(row.value == nil ? "(\(row.event.rawValue))" : " (\(row.event.rawValue))")
    }

    private func cell(_ content: String, _ width: Int, _ output: Output, _ text: inout SecretBuilder) {
        let start = text.count
        output.append(cell: content.utf8Span.span, to: &text)
        if output.isTerminal {
            let columns = DisplayWidth.columns(text.span.extracting(start..<text.count))
            text.append(spaces: max(0, width - columns) + 2)
        } else {
            text.append(UInt8(ascii: "\t"))
        }
    }

    private func width(_ texts: [String]) -> Int {
        Set(texts).map { DisplayWidth.columns(escapedForTerminal($0).utf8Span.span) }.max() ?? 0
    }

    // MARK: For scripts

    func printJSON() throws {
        var json = JSONWriter(SecretBuilder(capacity: 64 + rows.count * 320))
        json.beginArray()
        for row in rows { write(row, to: &json) }
        json.endArray()
        let text = json.finish()
        try Output.standard.write(text.span)
    }

    private func write(_ row: Row, to json: inout JSONWriter<SecretBuilder>) {
        json.beginObject()
        json.member("field", row.field)
        json.member("version", row.version.id.bytes.hexadecimal)
        json.key("at")
        if let content = row.version.content {
            json.value(UTCTime(clampingUnixSeconds: content.atSeconds).text)
        } else {
            json.null()
        }
        json.key("machine")
        if let content = row.version.content { json.value(content.by) } else { json.null() }
        json.member("event", row.event.rawValue)
        json.member("current", row.isCurrent)
        json.member("secret", row.isSecret)
        // A secret's value is left out rather than null, which would say that there is none.
        if !row.isSecret || isRevealed {
            json.key("value")
            if let value = row.value { json.value(value) } else { json.null() }
        }
        json.endObject()
    }
}

extension HistoryReport.Row {
    init(_ version: EntryVersion, isCurrent: Bool) {
        self.version = version
        self.isCurrent = isCurrent
        field = Self.name(version.field)
        let (event, value, isSecret) = Self.meaning(version)
        self.event = event
        self.value = value
        self.isSecret = isSecret
    }

    private static func name(_ field: FieldName) -> String {
        switch field {
        case .element(FieldName.Kind.tag, _): "tag"
        case .element(FieldName.Kind.url, _): "url"
        case .element(FieldName.Kind.codeSet, _), .element(FieldName.Kind.code, _): "codes"
        case .element(FieldName.Kind.counter, _): "otp-counter"
        case .known, .element, .custom: field.groupName
        }
    }

    private static func meaning(_ version: EntryVersion) -> (HistoryReport.Event, SecretSlice?, isSecret: Bool) {
        guard let value = version.content?.value else { return (.trimmed, nil, false) }
        switch (version.field, value) {
        case (.trash, .flag(let isTrash)): return (isTrash ? .trashed : .restored, nil, false)
        case (.purge, _): return (.purged, nil, false)
        case (.joinedInto, .bytes(let id)): return (.joined, EntryID(id.span).map(Self.name), false)
        case (_, .removed): return (.removed, nil, false)
        case (.element(FieldName.Kind.codeSet, _), .number(let retired)):
            return (retired == 0 ? .enrolled : .retired, nil, false)
        case (.element(FieldName.Kind.code, _), .marked(let code, let isUsed)):
            return (isUsed ? .used : .unused, code, true)
        case (.element(FieldName.Kind.counter, _), .number(let counter)):
            return (.set, SecretSlice(copying: Array(String(counter).utf8)), false)
        case (.element(FieldName.Kind.tag, _), .text(let text)), (.element(FieldName.Kind.url, _), .text(let text)),
            (.title, .text(let text)), (.username, .text(let text)), (.template, .text(let text)):
            return (.set, text, false)
        case (.password, .text(let text)), (.notes, .text(let text)), (.otp, .text(let text)),
            (.pendingOTP, .text(let text)):
            return (.set, text, true)
        case (.custom, .marked(let text, let isSecret)): return (.set, text, isSecret)
        default: return (.unknown, nil, true)
        }
    }

    private static func name(_ id: EntryID) -> SecretSlice {
        SecretSlice(copying: Array("id:\(id.hexadecimal.prefix(8))".utf8))
    }
}
