/// Prints figures, as a table for people or as JSON for scripts.

enum Report {
    static func print(_ figures: [Figure], asJSON: Bool) {
        if asJSON {
            Swift.print("[\n" + figures.map { "  " + json($0) }.joined(separator: ",\n") + "\n]")
        } else {
            for figure in figures { Swift.print(row(figure)) }
        }
    }

    // MARK: Table

    private static func row(_ figure: Figure) -> String {
        var name = "\(figure.area): \(figure.measured.name)"
        if let entries = figure.entries { name += ", \(grouped(String(entries))) entries" }
        var row = padded(name, to: 52) + leftPadded(text(figure.measured), to: 22)
        if let limit = figure.limit, let ratio = figure.ratio {
            let word = if case .atMost = limit { "at most" } else { "at least" }
            let verdict = limit.isMet(by: figure.measured.value) ? "" : "  MISSED"
            row += "  \(word) \(decimal(limit.value))  ratio \(decimal(ratio))" + verdict
        }
        if !figure.beside.isEmpty {
            row += "  (" + figure.beside.map { "\($0.name) \(text($0))" }.joined(separator: ", ") + ")"
        }
        return row
    }

    private static func text(_ amount: Amount) -> String { "\(decimal(amount.value)) \(amount.unit.rawValue)" }

    /// Two places below a thousand, none above.
    private static func decimal(_ value: Double) -> String {
        guard value.isFinite, value.magnitude < 1e15 else { return "\(value)" }
        guard value.magnitude < 1_000 else { return grouped(String(Int(value.rounded()))) }
        let hundredths = Int((value.magnitude * 100).rounded())
        let fraction = String(hundredths % 100)
        return "\(value < 0 ? "-" : "")\(hundredths / 100).\(fraction.count < 2 ? "0" : "")\(fraction)"
    }

    /// Digits in groups of three.
    private static func grouped(_ digits: String) -> String {
        var text = ""
        for (position, digit) in digits.enumerated() {
            if position > 0 && (digits.count - position) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }

    private static func padded(_ text: String, to count: Int) -> String {
        text + String(repeating: " ", count: max(1, count - text.count))
    }

    private static func leftPadded(_ text: String, to count: Int) -> String {
        String(repeating: " ", count: max(1, count - text.count)) + text
    }

    // MARK: JSON

    private static func json(_ figure: Figure) -> String {
        var members = [
            "\"area\": \(quoted(figure.area))", "\"name\": \(quoted(figure.measured.name))",
            "\"value\": \(figure.measured.value)", "\"unit\": \(quoted(figure.measured.unit.rawValue))",
            "\"runs\": \(figure.runs)",
        ]
        if let entries = figure.entries { members.append("\"entries\": \(entries)") }
        if let limit = figure.limit, let ratio = figure.ratio {
            let name = if case .atMost = limit { "at_most" } else { "at_least" }
            members.append("\"\(name)\": \(limit.value), \"ratio\": \(ratio)")
            members.append("\"met\": \(limit.isMet(by: figure.measured.value))")
        }
        let beside = figure.beside.map {
            "{\"name\": \(quoted($0.name)), \"value\": \($0.value), \"unit\": \(quoted($0.unit.rawValue))}"
        }
        if !beside.isEmpty { members.append("\"beside\": [\(beside.joined(separator: ", "))]") }
        return "{" + members.joined(separator: ", ") + "}"
    }

    /// The names here are written in this program: they need no escaping but of quotes and backslashes.
    private static func quoted(_ text: String) -> String {
        "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() + "\""
    }
}
