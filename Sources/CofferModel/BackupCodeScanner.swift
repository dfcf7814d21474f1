/// Cuts a text with backup codes into lines of tokens; keeps places and kinds, never bytes.

/// A token of a text with backup codes.
struct BackupCodeToken {
    enum Kind {
        /// ASCII letters and digits, in groups joined by hyphens.
        case piece
        /// Anything else with a letter in it.
        case word
        /// A tick or a filled box: used, unless every code has it.
        case tick
        /// A cross: used.
        case cross
        /// An empty box: not used.
        case box
    }

    /// Which characters a piece is written with.
    struct Alphabet: OptionSet {
        let rawValue: UInt8
        static let digits = Alphabet(rawValue: 1)
        static let lowerHexadecimal = Alphabet(rawValue: 2)
        static let lowerRest = Alphabet(rawValue: 4)
        static let upperHexadecimal = Alphabet(rawValue: 8)
        static let upperRest = Alphabet(rawValue: 16)
        static let lower: Alphabet = [.lowerHexadecimal, .lowerRest]
        static let upper: Alphabet = [.upperHexadecimal, .upperRest]
        static let letters: Alphabet = [.lower, .upper]
    }

    /// What stands between a token and the one before it on the line.
    enum Gap {
        case oneSpace
        case other
    }

    let kind: Kind
    /// The place of the token's bytes in the text.
    private(set) var range: Range<Int>
    /// The lengths of the groups of a piece.
    var groups: [UInt8] = []
    var alphabet: Alphabet = []
    /// One capital and then none, as a word at the start of a sentence is written.
    var isCapitalised = false
    var gap = Gap.other
    /// A colon or an equals sign stands before or behind it.
    var isAfterColon = false
    var isBeforeColon = false
    /// `1.`, `1)`, `(1)`, `1:`, `#1`, `№ 1`.
    var isNumbering = false
    var isInBrackets = false
    /// A bracket, a dash or a number sign stands before it, as before a note.
    var isAfterOpener = false
    var isStruck = false

    init(kind: Kind, range: Range<Int>) {
        self.kind = kind
        self.range = range
    }

    init(piece range: Range<Int>, groups: [UInt8], alphabet: Alphabet, isCapitalised: Bool) {
        self.init(kind: .piece, range: range)
        self.groups = groups
        self.alphabet = alphabet
        self.isCapitalised = isCapitalised
    }

    /// Becomes the piece behind its numbering, and keeps its surroundings but for the gap.
    mutating func dropNumbering(to piece: BackupCodeToken) {
        range = piece.range
        groups = piece.groups
        alphabet = piece.alphabet
        isCapitalised = piece.isCapitalised
        gap = .other
    }

    var hasDigit: Bool { alphabet.contains(.digits) }
    var hasLetter: Bool { kind == .word || !alphabet.isDisjoint(with: .letters) }
    /// The number of characters of a piece, hyphens included.
    var symbolCount: Int { groups.reduce(0) { $0 + Int($1) } + max(groups.count - 1, 0) }
    /// A number of at most three digits, or a single letter.
    var isOrdinal: Bool {
        kind == .piece && groups.count == 1 && (hasLetter ? symbolCount == 1 : symbolCount <= 3)
    }
}

/// The tokens of one line that has any.
struct BackupCodeLine {
    /// The line's number in the text, blank lines counted.
    let number: Int
    var tokens: [BackupCodeToken]
}

enum BackupCodeScanner {
    /// The lines of `text`, which is valid UTF-8, that hold more than white space.
    static func lines(_ text: borrowing Span<UInt8>) -> [BackupCodeLine] {
        var lines: [BackupCodeLine] = []
        var scan = LineScan()
        var number = 0
        var index = 0
        while index < text.count {
            let (scalar, count) = Self.scalar(text, at: index)
            if isLineEnd(scalar) {
                scan.endChunk(text, at: index)
                if !scan.isBlank { lines.append(BackupCodeLine(number: number, tokens: scan.tokens)) }
                scan = LineScan()
                number += 1
                // CR LF is one line end.
                let isPair = scalar == 0x0D && index + 1 < text.count && text[index + 1] == 0x0A
                index += isPair ? 2 : count
            } else {
                index += scan.take(text, scalar, at: index, count: count)
            }
        }
        scan.endChunk(text, at: index)
        if !scan.isBlank { lines.append(BackupCodeLine(number: number, tokens: scan.tokens)) }
        return lines
    }

    /// The scalar at `index` of valid UTF-8, and its number of bytes.
    static func scalar(_ text: borrowing Span<UInt8>, at index: Int) -> (value: UInt32, count: Int) {
        let first = UInt32(text[index])
        let (count, mask): (Int, UInt32) =
            switch first {
            case 0xC0..<0xE0: (2, 0x1F)
            case 0xE0..<0xF0: (3, 0x0F)
            case 0xF0...: (4, 0x07)
            default: (1, 0x7F)
            }
        guard index + count <= text.count else { return (0xFFFD, 1) }
        var value = first & mask
        for offset in 1..<max(count, 1) { value = value << 6 | UInt32(text[index + offset] & 0x3F) }
        return (value, count)
    }

    /// The token in `range`, which is a part of a piece that begins and ends with a group.
    static func piece(_ text: borrowing Span<UInt8>, _ range: Range<Int>) -> BackupCodeToken {
        ChunkText.token(text, range)
    }

    private static func isLineEnd(_ scalar: UInt32) -> Bool {
        (0x0A...0x0D).contains(scalar) || scalar == 0x85 || scalar == 0x2028 || scalar == 0x2029
    }
}

/// One line while it is cut.
private struct LineScan {
    private(set) var tokens: [BackupCodeToken] = []
    private(set) var isBlank = true
    private var chunkStart: Int?
    private var spaceCount = 0
    private var onlySpaces = true
    private var isAfterColon = false
    private var isAfterOpener = false
    private var isAfterNumberSign = false
    private var bracketDepth = 0

    /// Takes the scalar at `index`; returns how many bytes were taken.
    mutating func take(_ text: borrowing Span<UInt8>, _ scalar: UInt32, at index: Int, count: Int) -> Int {
        let role = Role(scalar)
        if role != .space && role != .invisible { isBlank = false }
        if role == .chunk {
            if chunkStart == nil { chunkStart = index }
            return count
        }
        endChunk(text, at: index)
        switch role {
        case .chunk, .invisible:
            break
        case .space:
            spaceCount += 1
            if scalar == 0x09 { onlySpaces = false }
        case .colon:
            markLast { $0.isBeforeColon = true }
            isAfterColon = true
            onlySpaces = false
        case .opening:
            if let skipped = takeCheckbox(text, scalar, at: index) { return skipped }
            bracketDepth += 1
            isAfterOpener = true
            onlySpaces = false
        case .closing:
            markLast { if $0.isOrdinal { $0.isNumbering = true } }
            bracketDepth = max(bracketDepth - 1, 0)
            onlySpaces = false
        case .mark(let kind):
            append(BackupCodeToken(kind: kind, range: index..<index + count))
        case .numberSign:
            isAfterNumberSign = true
            onlySpaces = false
        case .separator:
            onlySpaces = false
        case .dash:
            isAfterOpener = true
            onlySpaces = false
        }
        return count
    }

    /// Ends the run of characters that began at `chunkStart`, and makes tokens of it.
    mutating func endChunk(_ text: borrowing Span<UInt8>, at end: Int) {
        guard let start = chunkStart else { return }
        chunkStart = nil
        let isStruck = end - start > 4 && text[start] == UInt8(ascii: "~") && text[start + 1] == UInt8(ascii: "~")
        if text[start] == UInt8(ascii: "#") { isAfterNumberSign = true }
        let range = ChunkText.trimmed(text, start..<end)
        guard !range.isEmpty else {
            // Punctuation alone: a bullet, a dash, a slash.
            isAfterOpener = true
            onlySpaces = false
            return
        }
        let hadPoint = range.upperBound < end && text[range.upperBound] == UInt8(ascii: ".")
        let pieceStart = ChunkText.endOfNumbering(text, range)
        if pieceStart > range.lowerBound {
            var numbering = ChunkText.token(text, range.lowerBound..<pieceStart - 1)
            numbering.isNumbering = true
            append(numbering)
        }
        var token = ChunkText.token(text, pieceStart..<range.upperBound)
        token.isStruck = isStruck
        token.isNumbering = token.isOrdinal && (hadPoint || isAfterNumberSign)
        append(token)
    }

    private mutating func append(_ token: BackupCodeToken) {
        var token = token
        token.gap = onlySpaces && spaceCount == 1 && !tokens.isEmpty ? .oneSpace : .other
        token.isAfterColon = isAfterColon
        token.isAfterOpener = isAfterOpener || isAfterNumberSign
        token.isInBrackets = bracketDepth > 0
        tokens.append(token)
        spaceCount = 0
        onlySpaces = true
        isAfterColon = false
        isAfterOpener = false
        isAfterNumberSign = false
    }

    private mutating func markLast(_ change: (inout BackupCodeToken) -> Void) {
        guard !tokens.isEmpty else { return }
        change(&tokens[tokens.count - 1])
        if tokens[tokens.count - 1].isOrdinal { tokens[tokens.count - 1].isNumbering = true }
    }

    /// `[x]` and `[ ]`, as in lists of tasks; returns the bytes taken, or nil if this is another bracket.
    private mutating func takeCheckbox(_ text: borrowing Span<UInt8>, _ scalar: UInt32, at index: Int) -> Int? {
        guard scalar == 0x5B, index + 2 < text.count, text[index + 2] == UInt8(ascii: "]") else { return nil }
        switch text[index + 1] {
        case UInt8(ascii: "x"), UInt8(ascii: "X"): append(BackupCodeToken(kind: .cross, range: index..<index + 3))
        case UInt8(ascii: " "): append(BackupCodeToken(kind: .box, range: index..<index + 3))
        default: return nil
        }
        return 3
    }
}

/// What a scalar does outside a chunk.
private enum Role: Equatable {
    case chunk, space, invisible, colon, opening, closing, separator, numberSign, dash
    case mark(BackupCodeToken.Kind)

    init(_ value: UInt32) {
        switch value {
        case 0x09, 0x20, 0xA0: self = .space
        case 0x3A, 0x3D: self = .colon
        case 0x28, 0x5B, 0x7B, 0x3C: self = .opening
        case 0x29, 0x5D, 0x7D, 0x3E: self = .closing
        case 0x22, 0x2C, 0x3B, 0x60, 0x7C: self = .separator
        case 0x21...0x7E: self = .chunk
        // Hyphens and dashes that word processors put for a hyphen; a token decides whether it joins groups.
        case 0x2010...0x2013, 0x2212: self = .chunk
        case 0x2014, 0x2015: self = .dash
        case 0x2116: self = .numberSign
        case 0x2610: self = .mark(.box)
        case 0x2611, 0x2713, 0x2714, 0x2705: self = .mark(.tick)
        case 0x2612, 0x2717, 0x2718, 0x274C: self = .mark(.cross)
        case 0x00AD, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFE00...0xFE0F, 0xFEFF: self = .invisible
        default: self = Self.other(value)
        }
    }

    private static func other(_ value: UInt32) -> Role {
        guard value >= 0x80, let scalar = Unicode.Scalar(value) else { return .separator }
        switch scalar.properties.generalCategory {
        case .spaceSeparator: return .space
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber:
            return .chunk
        default: return .separator
        }
    }
}

/// A run of characters without white space: what of it is a token.
private enum ChunkText {
    /// `range` without the punctuation in front and behind.
    static func trimmed(_ text: borrowing Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end {
            let (scalar, count) = BackupCodeScanner.scalar(text, at: start)
            guard isDash(scalar) || "*~_'#.".unicodeScalars.contains(where: { $0.value == scalar }) else { break }
            start += count
        }
        while start < end {
            let isWideDash = end - 3 >= start && text[end - 3] >= 0xE0
            if isWideDash, isDash(BackupCodeScanner.scalar(text, at: end - 3).value) {
                end -= 3
            } else if "-*~_'.!?".utf8.contains(text[end - 1]) {
                end -= 1
            } else {
                break
            }
        }
        return start..<max(start, end)
    }

    /// Where the text behind `1.` begins, or the start of `range` if there is no such numbering.
    static func endOfNumbering(_ text: borrowing Span<UInt8>, _ range: Range<Int>) -> Int {
        var index = range.lowerBound
        while index < range.upperBound, index - range.lowerBound < 3, isDigit(text[index]) { index += 1 }
        guard index > range.lowerBound, index + 1 < range.upperBound, text[index] == UInt8(ascii: ".") else {
            return range.lowerBound
        }
        return index + 1
    }

    /// The token in `range`, which is not empty: a piece if it is made of groups, else a word.
    static func token(_ text: borrowing Span<UInt8>, _ range: Range<Int>) -> BackupCodeToken {
        var groups: [UInt8] = []
        var alphabet: BackupCodeToken.Alphabet = []
        var groupCount = 0
        var capitals = 0
        var index = range.lowerBound
        while index < range.upperBound {
            let (scalar, count) = BackupCodeScanner.scalar(text, at: index)
            if let letter = letter(scalar) {
                alphabet.formUnion(letter)
                if !letter.isDisjoint(with: .upper) { capitals += 1 }
                groupCount += 1
            } else if isDash(scalar), groupCount > 0, groups.count < BackupCodeText.codeCount.upperBound {
                groups.append(UInt8(clamping: groupCount))
                groupCount = 0
            } else {
                return BackupCodeToken(kind: .word, range: range)
            }
            index += count
        }
        guard groupCount > 0 else { return BackupCodeToken(kind: .word, range: range) }
        groups.append(UInt8(clamping: groupCount))
        let startsUpper = letter(UInt32(text[range.lowerBound]))?.isDisjoint(with: .upper) == false
        return BackupCodeToken(
            piece: range, groups: groups, alphabet: alphabet, isCapitalised: startsUpper && capitals == 1)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isDash(_ scalar: UInt32) -> Bool {
        scalar == 0x2D || (0x2010...0x2013).contains(scalar) || scalar == 0x2212
    }

    private static func letter(_ scalar: UInt32) -> BackupCodeToken.Alphabet? {
        switch scalar {
        case 0x30...0x39: .digits
        case 0x61...0x66: .lowerHexadecimal
        case 0x67...0x7A: .lowerRest
        case 0x41...0x46: .upperHexadecimal
        case 0x47...0x5A: .upperRest
        default: nil
        }
    }
}
