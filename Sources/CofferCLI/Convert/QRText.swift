/// A QR code in the letters of a terminal.
import CofferExchange
import CofferMemory

struct QRText {
    /// The white margin in modules; the standard asks for four (ISO/IEC 18004), cameras make do with two.
    private static let margin = 2

    private let width: Int
    private let modules: SecretSlice

    /// The code of `text`; `name` is what it holds, for messages.
    init(_ text: borrowing Span<UInt8>, named name: String) throws {
        guard case .modules(let width, let modules) = try Converter.run(.drawQR, giving: text, named: name) else {
            throw CLIError.converter(.ended(input: name))
        }
        (self.width, self.modules) = (width, modules)
    }

    var columns: Int { width + 2 * Self.margin }
    var lines: Int { (columns + 1) / 2 }

    /// Two modules a letter, one above the other. With colours, black on white whatever the terminal's own are; without, what is
    /// light is drawn, which fits a dark terminal.
    func rendered(usesColor: Bool) -> SecretBytes {
        var text = SecretBuilder(capacity: columns * lines * 3 + lines * 24)
        for row in stride(from: -Self.margin, to: width + Self.margin, by: 2) {
            if usesColor { text.append(fixed: "\u{1B}[38;5;231;48;5;16m") }
            for column in -Self.margin..<width + Self.margin {
                switch (isLight(row, column), isLight(row + 1, column)) {
                case (true, true): text.append(fixed: "█")
                case (true, false): text.append(fixed: "▀")
                case (false, true): text.append(fixed: "▄")
                case (false, false): text.append(fixed: " ")
                }
            }
            if usesColor { text.append(fixed: "\u{1B}[0m") }
            text.append(fixed: "\n")
        }
        return text.finish()
    }

    /// Light outside; below an odd number of rows nothing is drawn.
    private func isLight(_ row: Int, _ column: Int) -> Bool {
        guard row < width + Self.margin else { return false }
        guard (0..<width).contains(row), (0..<width).contains(column) else { return true }
        return modules.span[row * width + column] == 0
    }
}
