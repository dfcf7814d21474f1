/// Prints one entry: a label and its value on each line.
import CofferMemory

/// Labels in one column, values beside them; further lines of a value stand under its first, where no label can stand.
/// Nothing is cut, because values are there to be read and copied whole; all is escaped, for pipes too: a pager is a
/// terminal.
package struct FieldList: ~Copyable {
    private static let gap = 2

    private let output: Output
    private let labelColumns: Int
    private var text: SecretBuilder

    /// `labels` are all that will come, so that values line up.
    package init(labels: [String], for output: Output) {
        self.output = output
        labelColumns = labels.map { DisplayWidth.columns(escapedForTerminal($0).utf8Span.span) }.max() ?? 0
        text = SecretBuilder()
    }

    /// A label with its value, which may be secret; with `layout` `.lines` its line feeds start lines.
    package mutating func field(
        _ label: String, _ value: borrowing Span<UInt8>, layout: Escaping.Layout = .line
    ) {
        // Labels are custom field names too.
        let shown = escapedForTerminal(label)
        output.begin(.label, in: &text)
        text.append(text: shown)
        output.endStyle(in: &text)
        text.append(spaces: labelColumns - DisplayWidth.columns(shown.utf8Span.span) + Self.gap)
        switch layout {
        case .line: Escaping.append(value, to: &text)
        case .lines: appendLines(value)
        }
        text.append(UInt8(ascii: "\n"))
    }

    private mutating func appendLines(_ value: borrowing Span<UInt8>) {
        var start = 0
        for position in 0..<value.count where value[position] == UInt8(ascii: "\n") {
            Escaping.append(value.extracting(start..<position), to: &text)
            start = position + 1
            // A line feed at the very end starts no line.
            guard start < value.count else { return }
            text.append(UInt8(ascii: "\n"))
            text.append(spaces: labelColumns + Self.gap)
        }
        Escaping.append(value.extracting(start..<value.count), to: &text)
    }

    /// Writes all lines at once.
    package func write() throws(CLIError) { try output.write(text.span) }
}
