/// Prints one entry: a label and its value on each line.
import CofferMemory

/// Labels in one column, values beside them; further lines of a value stand under its first. Nothing is cut, because
/// values are there to be read and copied whole.
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

    package mutating func heading(_ line: String) {
        output.begin(.heading, in: &text)
        output.append(line.utf8Span.span, to: &text)
        output.endStyle(in: &text)
        text.append(UInt8(ascii: "\n"))
    }

    package mutating func field(_ label: String, _ value: String, style: Style? = nil) {
        field(label, value.utf8Span.span, style: style)
    }

    /// A line with a value, which may be secret and have several lines.
    package mutating func field(_ label: String, _ value: borrowing Span<UInt8>, style: Style? = nil) {
        // Labels are custom field names too, so they are escaped for pipes as well: a line has one label.
        let shown = escapedForTerminal(label)
        output.begin(.label, in: &text)
        text.append(text: shown)
        output.endStyle(in: &text)
        text.append(spaces: labelColumns - DisplayWidth.columns(shown.utf8Span.span) + Self.gap)
        if let style { output.begin(style, in: &text) }
        appendLines(value)
        if style != nil { output.endStyle(in: &text) }
        text.append(UInt8(ascii: "\n"))
    }

    private mutating func appendLines(_ value: borrowing Span<UInt8>) {
        var start = 0
        for position in 0..<value.count where value[position] == UInt8(ascii: "\n") {
            output.append(value.extracting(start..<position), to: &text, layout: .lines)
            start = position + 1
            // A line feed at the very end starts no line.
            guard start < value.count else { return }
            text.append(UInt8(ascii: "\n"))
            text.append(spaces: labelColumns + Self.gap)
        }
        output.append(value.extracting(start..<value.count), to: &text, layout: .lines)
    }

    /// Writes all lines at once.
    package func write() throws(CLIError) { try output.write(text.span) }
}
