/// Prints lists: columns that fit for a person, one line of tab-separated cells for a pipe.
import CofferMemory

/// Rows of cells that are not secret. All cells lie in one buffer, so that 100,000 rows cost no more than their bytes.
///
/// On a terminal cells are escaped, padded to columns and cut (`…`) to the terminal's width, the widest columns first,
/// under a heading. For a pipe cells are exact, separated by tabs and without a heading; only a tab, line feed,
/// carriage
/// return or NUL in a cell is escaped as `\t`, `\n`, `\r`, `\0`, so that a row is always one line (`--json` is exact).
package struct Table: ~Copyable {
    private static let gap = 2
    private static let columnMinimum = 8

    private let headings: [String]
    private let output: Output
    private var cells: PrivateBuilder
    /// Where each cell ends in `cells`.
    private var ends: [Int] = []
    /// For a terminal: the columns that each cell takes.
    private var widths: [Int] = []
    private var widest: [Int]

    package init(_ headings: [String], for output: Output, rowsExpected: Int = 64) {
        self.headings = headings
        self.output = output
        cells = PrivateBuilder(capacity: rowsExpected * headings.count * 24)
        ends.reserveCapacity(rowsExpected * headings.count)
        if output.isTerminal { widths.reserveCapacity(rowsExpected * headings.count) }
        widest = headings.map { DisplayWidth.columns($0.utf8Span.span) }
    }

    package var rowCount: Int { headings.isEmpty ? 0 : ends.count / headings.count }

    /// Adds the next cell; a row is full after as many cells as there are headings.
    package mutating func cell(_ text: String) { cell(text.utf8Span.span) }

    package mutating func cell(_ bytes: borrowing Span<UInt8>) {
        let start = cells.count
        output.append(cell: bytes, to: &cells)
        if output.isTerminal {
            let columns = DisplayWidth.columns(cells.span.extracting(start..<cells.count))
            let column = widths.count % max(headings.count, 1)
            widths.append(columns)
            if columns > widest[column] { widest[column] = columns }
        }
        ends.append(cells.count)
    }

    /// Appends the whole table to `sink`.
    package func append(to sink: inout some ByteSink & ~Copyable) {
        guard !headings.isEmpty else { return }
        output.isTerminal ? appendColumns(to: &sink) : appendLines(to: &sink)
    }

    /// Writes the whole table at once.
    package func write() throws(CLIError) {
        var text = PrivateBuilder(capacity: cells.count + ends.count * 8 + 256)
        append(to: &text)
        try output.write(text.span)
    }

    // MARK: For a pipe

    private func appendLines(to sink: inout some ByteSink & ~Copyable) {
        var start = 0
        for row in 0..<rowCount {
            for column in 0..<headings.count {
                let end = ends[row * headings.count + column]
                if column > 0 { sink.append(UInt8(ascii: "\t")) }
                sink.append(cells.span.extracting(start..<end))
                start = end
            }
            sink.append(UInt8(ascii: "\n"))
        }
    }

    // MARK: For a person

    private func appendColumns(to sink: inout some ByteSink & ~Copyable) {
        guard rowCount > 0 else { return }
        let limits = fittingWidths()
        output.begin(.faint, in: &sink)
        for column in headings.indices {
            let heading = headings[column].utf8Span.span
            append(heading, DisplayWidth.columns(heading), column, limits, to: &sink)
        }
        output.endStyle(in: &sink)
        sink.append(UInt8(ascii: "\n"))
        var start = 0
        for row in 0..<rowCount {
            for column in headings.indices {
                let index = row * headings.count + column
                append(cells.span.extracting(start..<ends[index]), widths[index], column, limits, to: &sink)
                start = ends[index]
            }
            sink.append(UInt8(ascii: "\n"))
        }
    }

    /// The columns of each cell, made to fit: the widest are cut to one common limit.
    private func fittingWidths() -> [Int] {
        let available = output.columns - Self.gap * (headings.count - 1)
        guard widest.reduce(0, +) > available else { return widest }
        var limit = widest.max() ?? 0
        while limit > Self.columnMinimum && widest.reduce(0, { $0 + min($1, limit) }) > available { limit -= 1 }
        return widest.map { min($0, limit) }
    }

    private func append(
        _ cell: borrowing Span<UInt8>, _ width: Int, _ column: Int, _ limits: [Int],
        to sink: inout some ByteSink & ~Copyable
    ) {
        let limit = limits[column]
        var used = width
        if width <= limit {
            sink.append(cell)
        } else {
            let (count, columns) = DisplayWidth.prefix(cell, columnsMaximum: limit - 1)
            sink.append(cell.extracting(first: count))
            sink.append(fixed: "…")
            used = columns + 1
        }
        // Nothing follows the last cell, so it needs no padding.
        if column < headings.count - 1 { sink.append(spaces: limit - used + Self.gap) }
    }
}
