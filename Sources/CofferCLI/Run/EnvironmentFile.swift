/// Files of variables whose secrets are references: safe to commit (docs/cli.md, "Environment files").

/// One line's variable.
struct VariableSetting: Equatable {
    enum Value: Equatable {
        case reference(Reference)
        /// Not secret: it stands in the file.
        case text(String)
    }

    let name: String
    let value: Value
}

enum EnvironmentFile {
    static let countMaximum = 1024 * 1024

    /// Reads lines NAME=value, with an `export` in front or not; empty ones and those that begin with # are passed over. A value may
    /// stand in quotes, which are taken off; nothing else of it is looked at.
    static func parse(_ text: String, name: String) throws(CLIError) -> [VariableSetting] {
        var settings: [VariableSetting] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            var line = trimmed(line)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            if line.hasPrefix("export ") { line = trimmed(line.dropFirst("export ".count)) }
            guard let equals = line.firstIndex(of: "="), VariableName.isValid(line[..<equals]) else {
                throw .badLine(file: name, line: index + 1, why: "it is not NAME=value")
            }
            let value = try unquoted(trimmed(line[line.index(after: equals)...]), name, index + 1)
            guard !value.utf8.contains(0) else {
                throw .badLine(file: name, line: index + 1, why: "it has a NUL character")
            }
            settings.append(VariableSetting(name: String(line[..<equals]), value: try self.value(value)))
        }
        return settings
    }

    /// What NAME=value gives for a variable: a reference, or the text itself.
    static func value(_ text: String) throws(CLIError) -> VariableSetting.Value {
        text.hasPrefix(Reference.scheme) ? .reference(try Reference(text)) : .text(text)
    }

    private static func unquoted(_ text: Substring, _ name: String, _ line: Int) throws(CLIError) -> String {
        guard let quote = text.first, quote == "\"" || quote == "'" else { return String(text) }
        guard text.count >= 2, text.last == quote, !text.dropFirst().dropLast().contains(quote) else {
            throw .badLine(file: name, line: line, why: "its quotes are not balanced")
        }
        return String(text.dropFirst().dropLast())
    }

    private static func trimmed(_ text: Substring) -> Substring {
        // A carriage return before a line feed is one character with it in Swift, so the line may end with it alone.
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
        var text = text.drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return text
    }
}
