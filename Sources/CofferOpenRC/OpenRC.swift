/// Reads the settings out of an openrc file without ever running it.
package import CofferExchange
import CofferMemory

/// Why an openrc file is refused. It carries no byte of the file.
package struct OpenRCError: Error, Equatable, Sendable {
    package enum Reason: Equatable, Sendable {
        /// More than ``OpenRC/textCount`` bytes.
        case tooLong(maximumBytes: Int)
        /// More than ``OpenRC/variables`` variables.
        case tooManyVariables(maximum: Int)
        /// A name or a value that is too long, or values that put in others until they are.
        case tooMuch
        /// Not UTF-8.
        case notUTF8
        /// NUL or another control character.
        case controlCharacter
        /// `$(…)`, backticks, `<(…)`: the value is what a program prints.
        case commandSubstitution
        /// `<<`: a here document.
        case hereDocument
        /// A quotation mark or a brace without its other, or `fi` without `if`.
        case unbalanced
        /// `f() {…}` or `function f`.
        case function
        /// `(…)`: a subshell or an array.
        case parenthesis
        /// `source` or `.`: what the other file sets is unknown.
        case otherFile
        /// `eval`, `declare`, `return`, `|`, `&`, or a command whose name is in a variable: what the file sets then is unknown.
        case unknownCommand
        /// `$'…'`, `$"…"`, or a form of `${…}` that is more than a variable and its default.
        case expansion
    }

    /// Counted from 1.
    package let line: Int
    package let reason: Reason

    package init(line: Int, reason: Reason) {
        self.line = line
        self.reason = reason
    }
}

/// What an openrc file sets, as a shell would, if the person answered every question in it later.
///
/// The file is a program of the shell, and this is no shell: it understands assignments, `export`, `unset` and `read`,
/// passes over all other commands, and refuses what could set variables in a way that only running it would tell.
/// What stands under a condition (`if`, `&&`, loops) fills gaps: an assignment there counts where the variable is unset
/// or empty, and `unset` where it is empty. So the guarded block that sets a missing name counts.
package struct OpenRC: Sendable {
    /// The longest file read, in bytes.
    package static let textCount = 256 * 1024
    /// How many variables a file may set.
    package static let variables = 1_000
    /// How long all values together may get when variables are put in, in bytes.
    package static let expandedCount = 1024 * 1024

    /// Without a name.
    package let settings: CloudSettings
    /// The settings that are set only when the file runs: what it asks for (`password`), and what comes from a
    /// variable that it does not set.
    package let open: [String]

    package static func parse(_ text: borrowing Span<UInt8>) throws(OpenRCError) -> OpenRC {
        guard text.count <= textCount else { throw OpenRCError(line: 1, reason: .tooLong(maximumBytes: textCount)) }
        try check(text)
        var reader = OpenRCReader(text)
        try reader.readAll(text)
        return try reader.finish()
    }

    /// Refuses what is no text, with the line of the first offence.
    private static func check(_ text: borrowing Span<UInt8>) throws(OpenRCError) {
        var line = 1
        for index in text.indices {
            let byte = text[index]
            if byte == 0x0A { line += 1 }
            let isLineEnd = byte == 0x0D && index + 1 < text.count && text[index + 1] == 0x0A
            guard isLineEnd || !CloudSettings.isControlByte(byte) else {
                throw OpenRCError(line: line, reason: .controlCharacter)
            }
            // The controls of Latin-1 are C2 and the control's number.
            if byte == 0xC2, index + 1 < text.count, (0x80...0x9F).contains(text[index + 1]) {
                throw OpenRCError(line: line, reason: .controlCharacter)
            }
        }
        guard (try? UTF8Span(validating: text.extracting(0..<text.count))) != nil else {
            throw OpenRCError(line: invalidLine(text), reason: .notUTF8)
        }
    }

    /// The line with the first bytes that are not UTF-8: a line feed is never part of a longer character.
    private static func invalidLine(_ text: borrowing Span<UInt8>) -> Int {
        var (line, start) = (1, 0)
        for index in text.indices where text[index] == 0x0A {
            guard (try? UTF8Span(validating: text.extracting(start..<index))) != nil else { return line }
            line += 1
            start = index + 1
        }
        return line
    }
}
