/// Finds the backup codes in a pasted list or a downloaded text file, whatever stands around them.
package import CofferMemory

/// Why a text gives no backup codes. No case carries a byte of the text.
package enum BackupCodeTextError: Error, Equatable, Sendable {
    /// Nothing in the text looks like a backup code.
    case noCodes
    /// The text is longer than ``BackupCodeText/textCount``.
    case tooLong(maximumBytes: Int)
    /// There are more codes than ``BackupCodeText/codes``.
    case tooManyCodes(maximum: Int)
    /// The text is UTF-16, as some Windows programs save it; it must be saved as UTF-8.
    case utf16
    /// The text is not valid UTF-8, or holds NUL: it is no text file, or in an older encoding.
    case notText
}

/// How codes are told from what stands around them:
///
/// Every token of ASCII letters and digits, in groups joined by hyphens or not, has a **shape**: the lengths of its
/// groups. The shape that gives the most codes wins, and every code of the result has it. A token counts for a shape
/// if it holds a digit; once a shape has won, tokens without a digit belong to it as well if they are written in its
/// alphabet (`deadbeef` among hexadecimal codes) and stand where only codes stand. Sentences, labels, headings,
/// numbering, bullets, dates and notes are passed over. Upper and lower case are kept as they are.
///
/// Groups separated by exactly one space are put together, without the space, when a group alone is too short to be
/// a code and the groups come in equal numbers everywhere:
/// - digits in groups of 3, 4 or 5 that come in even numbers are codes of two groups (`1234 5678`, as Google,
///   Facebook and Instagram write them), in threes codes of three groups;
/// - groups of 3 to 5 letters and digits that come in equal numbers are one code each (`a1b2 c3d4`).
///
/// Four digits per line, alone, stay codes of four digits.
package enum BackupCodeText {
    /// The longest text read, in bytes.
    package static let textCount = 64 * 1024
    /// How many codes a text may hold, duplicates not counted.
    package static let codes = 1...256
    /// How long a code may be, in bytes, hyphens included.
    package static let codeCount = 4...64

    /// The codes that were found, and what was made of the rest.
    package struct Parsed: Sendable {
        /// The codes in the order of the text, without duplicates, all in one arena.
        package let codes: [SecretSlice]
        /// For each code whether the text says that it is used: a note, a tick beside some codes only, a cross,
        /// `[x]`, or `~~`.
        package let used: [Bool]
        /// How many codes stood there more than once and were dropped.
        package let duplicates: Int
        /// How many lines with text gave no code.
        package let ignoredLines: Int
        /// How many tokens stood like codes and had another shape: perhaps codes that were mistyped or cut off.
        package let leftOut: Int
        /// The shape in words: `8 hexadecimal characters`.
        package let shape: String

        /// One line that says what was understood, without any code.
        package var summary: String {
            var parts = ["\(codes.count) \(codes.count == 1 ? "code" : "codes") of \(shape)"]
            let usedCount = used.count { $0 }
            if usedCount > 0 { parts.append("\(usedCount) already used") }
            if duplicates > 0 { parts.append("\(duplicates) repeated and dropped") }
            if leftOut > 0 { parts.append("\(leftOut) of another shape left out") }
            if ignoredLines > 0 { parts.append("\(ignoredLines) other \(ignoredLines == 1 ? "line" : "lines")") }
            return parts.joined(separator: "; ")
        }
    }

    /// Reads `text`: UTF-8, with or without a byte order mark, lines ended in any way.
    package static func parse(_ text: borrowing Span<UInt8>) throws(BackupCodeTextError) -> Parsed {
        guard text.count <= textCount else { throw .tooLong(maximumBytes: textCount) }
        try checkEncoding(text)
        let lines = BackupCodeScanner.lines(text)
        guard let list = BackupCodeFinder(text, lines).best(text) else { throw .noCodes }
        return try collected(list, from: text, lineCount: lines.count)
    }

    private static func checkEncoding(_ text: borrowing Span<UInt8>) throws(BackupCodeTextError) {
        if text.count >= 2, (text[0] == 0xFF && text[1] == 0xFE) || (text[0] == 0xFE && text[1] == 0xFF) {
            throw .utf16
        }
        var zeros = 0
        for index in text.indices where text[index] == 0 { zeros += 1 }
        // ASCII in UTF-16 has a zero in every second byte.
        guard zeros < max(text.count / 4, 1) else { throw zeros == text.count && zeros > 0 ? .notText : .utf16 }
        guard zeros == 0 else { throw .notText }
        do {
            _ = try UTF8Span(validating: text.extracting(0..<text.count))
        } catch {
            throw .notText
        }
    }

    /// Copies the codes into one arena, dropping what was there before.
    private static func collected(
        _ list: BackupCodeFinder.List, from text: borrowing Span<UInt8>, lineCount: Int
    ) throws(BackupCodeTextError) -> Parsed {
        var bytes = SecretBuilder(capacity: min(text.count, codes.upperBound * codeCount.upperBound) + 1)
        var ranges: [Range<Int>] = []
        var used: [Bool] = []
        var duplicates = 0
        for code in list.codes {
            let start = bytes.count
            for piece in code.pieces { append(text.extracting(piece), to: &bytes) }
            let range = start..<bytes.count
            if let earlier = firstEqual(to: range, among: ranges, in: bytes.span) {
                duplicates += 1
                used[earlier] = used[earlier] || code.isUsed
                bytes.truncate(to: start)
                continue
            }
            guard ranges.count < codes.upperBound else { throw .tooManyCodes(maximum: codes.upperBound) }
            ranges.append(range)
            used.append(code.isUsed)
        }
        guard !ranges.isEmpty else { throw .noCodes }
        let arena = SecretArena(bytes.finish())
        return Parsed(
            codes: ranges.map { SecretSlice(arena: arena, offset: $0.lowerBound, count: $0.count) }, used: used,
            duplicates: duplicates, ignoredLines: lineCount - list.lineCount, leftOut: list.leftOut,
            shape: list.shape)
    }

    /// Appends a piece of a code; a word processor's dash becomes the hyphen it was.
    private static func append(_ piece: borrowing Span<UInt8>, to bytes: inout SecretBuilder) {
        var index = 0
        while index < piece.count {
            let byte = piece[index]
            bytes.append(byte < 0x80 ? byte : UInt8(ascii: "-"))
            // The only other scalars in a piece are dashes of three bytes.
            index += byte < 0x80 ? 1 : 3
        }
    }

    private static func firstEqual(
        to range: Range<Int>, among ranges: [Range<Int>], in bytes: borrowing Span<UInt8>
    ) -> Int? {
        ranges.indices.first { index in
            ranges[index].count == range.count
                && constantTimeEqual(bytes.extracting(ranges[index]), bytes.extracting(range))
        }
    }
}
