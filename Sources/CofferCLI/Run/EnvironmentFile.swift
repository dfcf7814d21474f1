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
        // By bytes: to Swift a carriage return and its line feed are one letter, and so are an equals sign and an accent.
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            var line = trimmed(line)
            guard let first = line.first, first != UInt8(ascii: "#") else { continue }
            if line.starts(with: "export ".utf8) { line = trimmed(line.dropFirst("export ".utf8.count)) }
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")), VariableName.isValid(Substring(line[..<equals]))
            else {
                throw .badLine(file: name, line: index + 1, why: "it is not NAME=value")
            }
            let value = try unquoted(trimmed(line[line.index(after: equals)...]), name, index + 1)
            guard !value.utf8.contains(0) else {
                throw .badLine(file: name, line: index + 1, why: "it has a NUL character")
            }
            do throws(CLIError) {
                settings.append(
                    VariableSetting(name: String(Substring(line[..<equals])), value: try self.value(value)))
            } catch {
                throw .badLine(file: name, line: index + 1, why: "the reference is not coffer://TITLE/FIELD")
            }
        }
        return settings
    }

    /// What NAME=value gives for a variable: a reference, or the text itself.
    static func value(_ text: String) throws(CLIError) -> VariableSetting.Value {
        Reference.isMeant(text) ? .reference(try Reference(text)) : .text(text)
    }

    private static func unquoted(_ text: Substring.UTF8View, _ name: String, _ line: Int) throws(CLIError) -> String {
        guard let quote = text.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            return String(Substring(text))
        }
        guard text.count >= 2, text.last == quote, !text.dropFirst().dropLast().contains(quote) else {
            throw .badLine(file: name, line: line, why: "its quotes are not balanced")
        }
        return String(Substring(text.dropFirst().dropLast()))
    }

    private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
        let isSpace: (UInt8) -> Bool = {
            $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r")
        }
        var text = text.drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return text
    }
}
