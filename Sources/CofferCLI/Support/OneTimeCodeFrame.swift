/// One picture of the live list of codes, made for a screen of a given size.
import CofferMemory

/// The lines of a list with a bar each that gets shorter; nothing of it is wider or higher than the screen.
struct OneTimeCodeFrame {
    /// Seconds left from which on a code is better not typed any more.
    private static let lateSeconds = 5
    private static let gap = 2
    private static let barColumns = 10
    private static let leftColumns = 4
    private static let titleColumnsMinimum = 4
    private static let headings = ["title", "code", "left", "user name"]

    let source: OneTimeCodeSource
    let atSeconds: Int64
    let output: Output
    /// The height of the screen.
    let lines: Int
    /// What the line at the foot says of the keys.
    var keys = OneTimeCodeFrame.usualKeys
    static let usualKeys = "q ends"

    /// How many of `count` rows fit beside a heading and a line at the foot, as far as there is room for these.
    static func shownCount(of count: Int, lines: Int) -> Int { min(count, lines - (lines > 2 ? 2 : lines > 1 ? 1 : 0)) }

    /// The picture with the sequences that put it in place of the one before, in one piece.
    func rendered() throws -> SecretBuilder {
        let all = try source.rows(atSeconds: atSeconds)
        let count = Self.shownCount(of: all.count, lines: lines)
        let rows = all.prefix(count)
        let titles = rows.map { Shown.text($0.title) }
        let codeColumns = max(columns(Self.headings[1]), rows.map(\.codeColumns).max() ?? 0)
        let titleColumns = titleColumns(titles, codeColumns)
        var text = SecretBuilder(capacity: 256 + count * 256)
        text.append(fixed: "\u{1B}[H")
        if lines > 2 {
            begin(.faint, &text)
            var line = Line(columnsLeft: output.columns)
            line.put(Self.headings[0], width: titleColumns, &text)
            line.put(Self.headings[1], width: codeColumns, &text)
            line.put(Self.headings[2], width: Self.barColumns + Self.leftColumns, &text)
            line.put(Self.headings[3], width: 0, &text)
            end(&text)
        }
        for (row, title) in zip(rows, titles) {
            begin(isLate(row) ? .late : nil, &text)
            var line = Line(columnsLeft: output.columns)
            line.put(title, width: titleColumns, &text)
            line.putCode(row, width: codeColumns, &text)
            line.put(bar(row), width: Self.barColumns + Self.leftColumns, &text)
            line.put(Shown.text(row.username ?? ""), width: 0, &text)
            end(&text)
        }
        if lines > 1 {
            begin(.faint, &text)
            var line = Line(columnsLeft: output.columns)
            line.put(foot(hidden: all.count - count), width: 0, &text)
            output.endStyle(in: &text)
        } else {
            // No line feed behind the last line, which would move all up.
            text.truncate(to: text.count - 2)
        }
        text.append(fixed: "\u{1B}[J")
        return text
    }

    /// Titles give way to what stands behind them, and keep a few columns whatever happens.
    private func titleColumns(_ titles: [String], _ codeColumns: Int) -> Int {
        let widest = (titles + Self.headings.prefix(1)).map(columns).max() ?? 0
        let others = codeColumns + Self.barColumns + Self.leftColumns + 3 * Self.gap
        return min(widest, max(Self.titleColumnsMinimum, output.columns - others))
    }

    private func isLate(_ row: OneTimeCodeRow) -> Bool {
        guard case .code(let code) = row.state else { return false }
        return code.remainingSeconds <= Self.lateSeconds
    }

    /// `######.... 17`: the part of the period that is left.
    private func bar(_ row: OneTimeCodeRow) -> String {
        guard case .code(let code) = row.state else { return "" }
        let full = (code.remainingSeconds * Self.barColumns + code.periodSeconds - 1) / code.periodSeconds
        return String(repeating: "#", count: full) + String(repeating: ".", count: Self.barColumns - full)
            + " \(code.remainingSeconds)"
    }

    private func foot(hidden: Int) -> String {
        return (hidden > 0 ? "… and \(hidden) more. " : "") + keys
    }

    /// Clears the line before it is written: behind a line that is full, the terminal would clear its last column.
    private func begin(_ style: Style?, _ text: inout SecretBuilder) {
        text.append(fixed: "\u{1B}[2K")
        if let style { output.begin(style, in: &text) }
    }

    private func end(_ text: inout SecretBuilder) {
        output.endStyle(in: &text)
        text.append(fixed: "\r\n")
    }

    private func columns(_ text: String) -> Int { DisplayWidth.columns(text.utf8Span.span) }

    /// A line that is being written, and the columns it has left.
    private struct Line {
        var columnsLeft: Int

        /// Writes a cell of safe text in a column so wide, cut where need be; the last cell has the rest of the line (0).
        mutating func put(_ cell: String, width: Int, _ text: inout SecretBuilder) {
            let bytes = cell.utf8Span.span
            let room = width == 0 ? columnsLeft : min(width, columnsLeft)
            let all = DisplayWidth.columns(bytes)
            if all <= room {
                text.append(bytes)
                return pad(width, used: all, &text)
            }
            guard room > 0 else { return }
            let (count, used) = DisplayWidth.prefix(bytes, columnsMaximum: room - 1)
            text.append(bytes.extracting(first: count))
            text.append(fixed: "…")
            pad(width, used: used + 1, &text)
        }

        /// A code is shown whole or not at all: a part of one would be typed.
        mutating func putCode(_ row: OneTimeCodeRow, width: Int, _ text: inout SecretBuilder) {
            guard row.codeColumns <= columnsLeft else { return put("…", width: width, &text) }
            row.appendCode(to: &text)
            pad(width, used: row.codeColumns, &text)
        }

        private mutating func pad(_ width: Int, used: Int, _ text: inout SecretBuilder) {
            columnsLeft -= used
            // Nothing follows the last cell.
            guard width > 0 else { return }
            let spaces = min(max(width - used, 0) + OneTimeCodeFrame.gap, columnsLeft)
            text.append(spaces: spaces)
            columnsLeft -= spaces
        }
    }
}
