/// Reads the settings out of an openrc file without ever running it.
package import CofferExchange
import CofferMemory

/// What an openrc file sets, as a shell would, if the person answered every question in it later.
///
/// The file is a program of the shell, and this is no shell: it understands assignments, `export`, `unset` and `read`,
/// passes over all other commands, and refuses what could set variables in a way that only running it would tell.
/// What stands under a condition (`if`, `&&`, loops) fills gaps: an assignment there counts where the variable is unset
/// or empty, and `unset` where it is empty. So the guarded block that sets a missing name counts.
package struct OpenRC: Sendable {
    /// The longest file read, in bytes.
    package static let textCount = ConversionLimits.openRCCount
    /// How many variables a file may set.
    package static let variables = 1_000
    /// How long all values together may get when variables are put in, in bytes.
    package static let expandedCount = 1024 * 1024

    /// Without a name.
    package let settings: CloudSettings
    /// The settings that are set only when the file runs: what it asks for (`password`), and what comes from a
    /// variable that it does not set.
    package let open: [String]

    package static func parse(_ text: borrowing Span<UInt8>) throws(TextFailure) -> OpenRC {
        guard text.count <= textCount else { throw TextFailure(line: 1, reason: .tooLong) }
        try check(text)
        var reader = OpenRCReader(text)
        try reader.readAll(text)
        return try reader.finish()
    }

    /// Refuses what is no text, with the line of the first offence.
    private static func check(_ text: borrowing Span<UInt8>) throws(TextFailure) {
        var line = 1
        for index in text.indices {
            let byte = text[index]
            if byte == 0x0A { line += 1 }
            let isLineEnd = byte == 0x0D && index + 1 < text.count && text[index + 1] == 0x0A
            guard isLineEnd || !CloudSettings.isControlByte(byte) else {
                throw TextFailure(line: line, reason: .controlCharacter)
            }
            // The controls of Latin-1 are C2 and the control's number.
            if byte == 0xC2, index + 1 < text.count, (0x80...0x9F).contains(text[index + 1]) {
                throw TextFailure(line: line, reason: .controlCharacter)
            }
        }
        guard (try? UTF8Span(validating: text.extracting(0..<text.count))) != nil else {
            throw TextFailure(line: invalidLine(text), reason: .notUTF8)
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
