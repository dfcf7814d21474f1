/// Cuts an openrc file into the words and operators of the shell (POSIX.1-2017, XCU 2.3), and puts in variables.
import CofferExchange
import CofferMemory

/// One token of the shell's language.
enum OpenRCToken {
    case word(OpenRCWord)
    /// A line feed, `;`, `)`, or the end: what comes next is a new command.
    case separator
    /// `&&` or `||`: what comes next depends on what came before.
    case conditional
    case end
}

/// A word, quotes removed and variables put in; its bytes are in the scanner's builder.
struct OpenRCWord {
    let range: Range<Int>
    /// The line it starts on.
    let line: Int
    /// Where in the builder the value begins, when the word starts with `NAME=`.
    let valueStart: Int?
    /// `NAME+=`
    let isAppending: Bool
    /// Where in the builder the first variable of unknown value belongs.
    let openStart: Int?
    /// Whether a variable is in it, known or not.
    let isExpanded: Bool
    /// Whether any of it was quoted: `'if'` is no keyword.
    let isQuoted: Bool
}

/// A position in the text. Reading never goes back, so the time is linear in the text and in what is put in.
struct OpenRCScanner {
    /// What is known of a variable.
    enum Value {
        case known(Range<Int>)
        /// Asked for, or made of what this file does not set.
        case open
        /// `unset`, so that nothing is put in for it.
        case unset
    }

    /// In how many `case` the text is: there `|` parts patterns.
    var caseCount = 0
    private(set) var position = 0
    private(set) var line = 1
    /// How many bytes were put in for variables so far.
    private var expandedCount = 0
    /// A redirection swallows the next word.
    private var isTargetExpected = false

    /// The word that is being read.
    private var start = 0
    private var valueStart: Int?
    private var isAppending = false
    private var openStart: Int?
    private var isExpanded = false
    private var isQuoted = false
    /// Whether only bytes of a name were read so far.
    private var isNameSoFar = false

    init(_ text: borrowing Span<UInt8>) {
        let hasMark = text.count >= 3 && text[0] == 0xEF && text[1] == 0xBB && text[2] == 0xBF
        if hasMark { position = 3 }
    }

    // MARK: Tokens

    /// The next token; a word's bytes are appended to `bytes`, which hold the values of `variables` as well.
    mutating func next(
        _ text: borrowing Span<UInt8>, _ bytes: inout SecretBuilder, _ variables: [String: Value]
    ) throws(TextFailure) -> OpenRCToken {
        while true {
            skipBlanks(text)
            guard position < text.count else { return .end }
            switch text[position] {
            case 0x0A, UInt8(ascii: ";"):
                advance(text)
                isTargetExpected = false
                return .separator
            case UInt8(ascii: "#"):
                while position < text.count && text[position] != 0x0A { position += 1 }
            case UInt8(ascii: "&"), UInt8(ascii: "|"):
                guard let token = try operators(text) else { continue }
                return token
            case UInt8(ascii: "<"), UInt8(ascii: ">"): try redirection(text)
            case UInt8(ascii: "("):
                valueStart = nil
                try refuseParenthesis(text)
            case UInt8(ascii: ")"):
                position += 1
                isTargetExpected = false
                return .separator
            default:
                let word = try word(text, &bytes, variables)
                if !isTargetExpected && !isDescriptor(word, text, bytes.span) { return .word(word) }
                isTargetExpected = false
                bytes.truncate(to: word.range.lowerBound)
            }
        }
    }

    func failure(_ reason: TextRefusal) -> TextFailure { TextFailure(line: line, reason: reason) }

    /// Blanks and continued lines.
    private mutating func skipBlanks(_ text: borrowing Span<UInt8>) {
        while position < text.count {
            if text[position] == UInt8(ascii: "\\"), let count = lineEnd(text, at: position + 1) {
                position += count
                advance(text)
            } else if isBlank(text[position]) {
                position += 1
            } else {
                return
            }
        }
    }

    private mutating func operators(_ text: borrowing Span<UInt8>) throws(TextFailure) -> OpenRCToken? {
        let byte = text[position]
        position += 1
        isTargetExpected = false
        let next = position < text.count ? text[position] : 0
        if next == byte {
            position += 1
            return .conditional
        }
        // `&>file`. What runs beside the shell, in a pipe or the background, sets nothing in it.
        if byte == UInt8(ascii: "|") && caseCount > 0 { return .separator }
        guard byte == UInt8(ascii: "&") && next == UInt8(ascii: ">") else { throw failure(.unknownCommand) }
        try redirection(text)
        return nil
    }

    private mutating func redirection(_ text: borrowing Span<UInt8>) throws(TextFailure) {
        let byte = text[position]
        position += 1
        if position < text.count {
            if text[position] == UInt8(ascii: "(") { throw failure(.commandSubstitution) }
            if byte == UInt8(ascii: "<") && text[position] == byte { throw failure(.hereDocument) }
            // `>>`, `>|`, `>&`, `<&`, `<>`
            let isLonger = [UInt8(ascii: ">"), UInt8(ascii: "|"), UInt8(ascii: "&")].contains(text[position])
            if isLonger { position += 1 }
        }
        isTargetExpected = true
    }

    /// Whether `word` is the `2` of `2>`.
    private func isDescriptor(
        _ word: OpenRCWord, _ text: borrowing Span<UInt8>, _ bytes: borrowing Span<UInt8>
    ) -> Bool {
        guard position < text.count, "<>".utf8.contains(text[position]), !word.isQuoted, !word.isExpanded else {
            return false
        }
        return word.range.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[$0]) }
    }

    // MARK: Words

    private mutating func word(
        _ text: borrowing Span<UInt8>, _ bytes: inout SecretBuilder, _ variables: [String: Value]
    ) throws(TextFailure) -> OpenRCWord {
        start = bytes.count
        valueStart = nil
        openStart = nil
        (isAppending, isExpanded, isQuoted, isNameSoFar) = (false, false, false, true)
        let firstLine = line
        while position < text.count && !endsWord(text[position]) {
            let byte = text[position]
            switch byte {
            case UInt8(ascii: "'"): try singleQuoted(text, &bytes)
            case UInt8(ascii: "\""): try doubleQuoted(text, &bytes, variables)
            case UInt8(ascii: "`"): throw failure(.commandSubstitution)
            case UInt8(ascii: "$"): try expansion(text, &bytes, variables, isInQuotes: false)
            case UInt8(ascii: "\\"): escaped(text, &bytes)
            case UInt8(ascii: "~") where isHomeFolder(bytes.span), UInt8(ascii: "{") where valueStart != nil:
                throw failure(.expansion)
            default:
                takePlain(byte, next: position + 1 < text.count ? text[position + 1] : 0, &bytes)
                advance(text)
            }
        }
        if position < text.count && text[position] == UInt8(ascii: "(") { try refuseParenthesis(text) }
        return OpenRCWord(
            range: start..<bytes.count, line: firstLine, valueStart: valueStart, isAppending: isAppending,
            openStart: openStart, isExpanded: isExpanded, isQuoted: isQuoted)
    }

    /// Whether a tilde at the end of `bytes` would become a folder: it begins a value, or stands behind a colon.
    private func isHomeFolder(_ bytes: borrowing Span<UInt8>) -> Bool {
        guard let valueStart else { return false }
        return bytes.count == valueStart || bytes[bytes.count - 1] == UInt8(ascii: ":")
    }

    /// A byte that stands for itself; it may be the `=` behind a name.
    private mutating func takePlain(_ byte: UInt8, next: UInt8, _ bytes: inout SecretBuilder) {
        bytes.append(byte)
        guard valueStart == nil && isNameSoFar else { return }
        let isFirst = bytes.count - start == 1
        if byte == UInt8(ascii: "=") && !isFirst {
            valueStart = bytes.count
        } else if byte == UInt8(ascii: "+") && next == UInt8(ascii: "=") && !isFirst {
            isAppending = true
        } else {
            isNameSoFar = OpenRCScanner.isNameByte(byte, isFirst: isFirst)
        }
    }

    private mutating func singleQuoted(
        _ text: borrowing Span<UInt8>, _ bytes: inout SecretBuilder
    ) throws(TextFailure) {
        let opening = failure(.unbalanced)
        quote()
        position += 1
        while position < text.count && text[position] != UInt8(ascii: "'") { take(text, &bytes) }
        guard position < text.count else { throw opening }
        position += 1
    }

    private mutating func doubleQuoted(
        _ text: borrowing Span<UInt8>, _ bytes: inout SecretBuilder, _ variables: [String: Value]
    ) throws(TextFailure) {
        let opening = failure(.unbalanced)
        quote()
        position += 1
        while position < text.count && text[position] != UInt8(ascii: "\"") {
            switch text[position] {
            case UInt8(ascii: "`"): throw failure(.commandSubstitution)
            case UInt8(ascii: "$"): try expansion(text, &bytes, variables, isInQuotes: true)
            case UInt8(ascii: "\\"): escapedInQuotes(text, &bytes)
            default: take(text, &bytes)
            }
        }
        guard position < text.count else { throw opening }
        position += 1
    }

    /// A backslash outside quotes: what comes next stands for itself, and a line end is gone.
    private mutating func escaped(_ text: borrowing Span<UInt8>, _ bytes: inout SecretBuilder) {
        position += 1
        if let count = lineEnd(text, at: position) {
            position += count - 1
            return advance(text)
        }
        quote()
        if position < text.count { take(text, &bytes) }
    }

    /// A backslash in double quotes: it counts before four characters and a line end only.
    private mutating func escapedInQuotes(_ text: borrowing Span<UInt8>, _ bytes: inout SecretBuilder) {
        position += 1
        if let count = lineEnd(text, at: position) {
            position += count - 1
            return advance(text)
        }
        let special = "$`\"\\".utf8
        if position < text.count && special.contains(text[position]) { return take(text, &bytes) }
        bytes.append(UInt8(ascii: "\\"))
    }

    // MARK: Variables

    /// `$NAME`, `${NAME}`, `${NAME:-default}`; a dollar sign before anything else stands for itself.
    private mutating func expansion(
        _ text: borrowing Span<UInt8>, _ bytes: inout SecretBuilder, _ variables: [String: Value], isInQuotes: Bool
    ) throws(TextFailure) {
        position += 1
        isNameSoFar = false
        let next = position < text.count ? text[position] : 0
        switch next {
        case UInt8(ascii: "("): throw failure(.commandSubstitution)
        case UInt8(ascii: "'") where !isInQuotes, UInt8(ascii: "\"") where !isInQuotes: throw failure(.expansion)
        // Arithmetic of old.
        case UInt8(ascii: "["): throw failure(.expansion)
        case UInt8(ascii: "{"):
            position += 1
            try braced(text, &bytes, variables)
        case _ where Self.isNameByte(next, isFirst: true):
            let name = name(text)
            try putIn(variables[name] ?? .open, &bytes)
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "?"), UInt8(ascii: "$"), UInt8(ascii: "@"),
            UInt8(ascii: "#"), UInt8(ascii: "!"), UInt8(ascii: "-"), UInt8(ascii: "*"):
            position += 1
            try putIn(.open, &bytes)
        default: bytes.append(UInt8(ascii: "$"))
        }
    }

    /// What stands between `${` and `}`.
    private mutating func braced(
        _ text: borrowing Span<UInt8>, _ bytes: inout SecretBuilder, _ variables: [String: Value]
    ) throws(TextFailure) {
        let opening = failure(.unbalanced)
        let first = position < text.count ? text[position] : 0
        let name = Self.isNameByte(first, isFirst: true) ? name(text) : ""
        var value = name.isEmpty ? Value.open : variables[name] ?? .open
        let before = bytes.count
        if position < text.count && text[position] != UInt8(ascii: "}") {
            let sign = text[position] == UInt8(ascii: ":") ? position + 1 : position
            // `${NAME:=value}` sets the variable as well.
            if sign < text.count && text[sign] == UInt8(ascii: "=") { throw failure(.expansion) }
            let isColon = text[position] == UInt8(ascii: ":")
            let isDefault = skipDefaultSign(text)
            try bracedText(text, &bytes)
            isExpanded = true
            let isTaken =
                switch variables[name] {
                case .known(let range)?: isColon && range.isEmpty
                case .unset?, nil: !name.isEmpty
                case .open?: false
                }
            if isDefault && isTaken && position < text.count { return position += 1 }
            // What else the shell does with a variable, it does when the file runs.
            if !isDefault { value = .open }
            bytes.truncate(to: before)
        }
        guard position < text.count else { throw opening }
        position += 1
        try putIn(value, &bytes)
    }

    /// Goes over `:-` or `-` behind a name.
    private mutating func skipDefaultSign(_ text: borrowing Span<UInt8>) -> Bool {
        let sign = text[position] == UInt8(ascii: ":") ? position + 1 : position
        guard sign < text.count && text[sign] == UInt8(ascii: "-") else { return false }
        position = sign + 1
        return true
    }

    /// The text up to `}`, in which nothing may be special.
    private mutating func bracedText(
        _ text: borrowing Span<UInt8>, _ bytes: inout SecretBuilder
    ) throws(TextFailure) {
        while position < text.count && text[position] != UInt8(ascii: "}") {
            switch text[position] {
            case UInt8(ascii: "`"): throw failure(.commandSubstitution)
            case UInt8(ascii: "$"):
                let isCommand = position + 1 < text.count && text[position + 1] == UInt8(ascii: "(")
                throw failure(isCommand ? .commandSubstitution : .expansion)
            case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "{"):
                throw failure(.expansion)
            default: take(text, &bytes)
            }
        }
    }

    private mutating func name(_ text: borrowing Span<UInt8>) -> String {
        let start = position
        while position < text.count && Self.isNameByte(text[position], isFirst: position == start) { position += 1 }
        return String(decoding: (start..<position).map { text[$0] }, as: UTF8.self)
    }

    private mutating func putIn(_ value: Value, _ bytes: inout SecretBuilder) throws(TextFailure) {
        isExpanded = true
        if case .open = value { openStart = openStart ?? bytes.count }
        guard case .known(let range) = value else { return }
        expandedCount += range.count
        guard expandedCount <= OpenRC.expandedCount else { throw failure(.tooMuch) }
        for index in range {
            let byte = bytes.span[index]
            bytes.append(byte)
        }
    }

    // MARK: Bytes

    private mutating func quote() {
        isQuoted = true
        isNameSoFar = false
    }

    /// Takes over one byte; a line end becomes a line feed.
    private mutating func take(_ text: borrowing Span<UInt8>, _ bytes: inout SecretBuilder) {
        if let count = lineEnd(text, at: position) { position += count - 1 }
        bytes.append(text[position])
        advance(text)
    }

    /// Goes over one byte and counts lines.
    private mutating func advance(_ text: borrowing Span<UInt8>) {
        if text[position] == 0x0A { line += 1 }
        position += 1
    }

    /// How many bytes a line end at `index` has; nil when there is none.
    private func lineEnd(_ text: borrowing Span<UInt8>, at index: Int) -> Int? {
        guard index < text.count else { return nil }
        if text[index] == 0x0A { return 1 }
        guard text[index] == 0x0D, index + 1 < text.count, text[index + 1] == 0x0A else { return nil }
        return 2
    }

    /// `name (` is a function, everything else with a parenthesis a subshell, an array or a pattern.
    private func refuseParenthesis(_ text: borrowing Span<UInt8>) throws(TextFailure) {
        let isFunction = position + 1 < text.count && text[position + 1] == UInt8(ascii: ")")
        throw failure(isFunction && valueStart == nil ? .function : .parenthesis)
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

    private func endsWord(_ byte: UInt8) -> Bool { isBlank(byte) || "\n;&|<>()".utf8.contains(byte) }

    static func isNameByte(_ byte: UInt8, isFirst: Bool) -> Bool {
        guard byte == UInt8(ascii: "_") || CloudSettings.isLetterOrDigit(byte) else { return false }
        return !isFirst || !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
