/// Understands the commands of an openrc file that set variables, and passes over the others.
import CofferExchange
import CofferMemory

struct OpenRCReader: ~Copyable {
    /// Where a word stands in its command.
    private enum Place {
        /// A keyword, an assignment or the command may come.
        case start
        /// Behind `for`.
        case loopVariable
        /// Between `case` and `in`.
        case caseSubject
        case argument(of: Command)
    }

    private enum Command {
        case export
        case unset
        case read
        case printf
        case other
    }

    private var scanner: OpenRCScanner
    /// The values of all variables, and the words of the command that is being read.
    private var bytes: SecretBuilder
    private var variables: [String: OpenRCScanner.Value] = [:]
    /// The names in the order in which they were set first.
    private var order: [String] = []

    /// The `if`, `case` and loops that are open: what ends each, and its line.
    private var blocks: [(end: String, line: Int)] = []
    /// Behind `&&` or `||`.
    private var isBehindCondition = false

    private var place = Place.start
    private var arguments: [OpenRCWord] = []
    /// Assignments that stand before a command count only while it runs: what they have replaced.
    private var replaced: [(name: String, value: OpenRCScanner.Value?)] = []
    private var hasSet = false

    init(_ text: borrowing Span<UInt8>) {
        scanner = OpenRCScanner(text)
        bytes = SecretBuilder(capacity: min(text.count * 2, SecretBytes.lockedCountMaximum))
    }

    mutating func readAll(_ text: borrowing Span<UInt8>) throws(TextFailure) {
        var commandStart = bytes.count
        while true {
            let token = try scanner.next(text, &bytes, variables)
            if case .word(let word) = token {
                try take(word)
                continue
            }
            let isEmpty = isAtStart && replaced.isEmpty
            try endCommand()
            if !hasSet { bytes.truncate(to: commandStart) }
            hasSet = false
            commandStart = bytes.count
            switch token {
            case .conditional: isBehindCondition = true
            // A line may end behind `&&`.
            case .separator: isBehindCondition = isBehindCondition && isEmpty
            case .word, .end: break
            }
            guard case .end = token else { continue }
            if let block = blocks.last { throw TextFailure(line: block.line, reason: .unbalanced) }
            return
        }
    }

    // MARK: The result

    consuming func finish() throws(TextFailure) -> OpenRC {
        var (settings, open) = (CloudSettings(name: ""), [String]())
        let arena = SecretArena(bytes.finish())
        // Old names count where the new one is not set.
        for isOld in [false, true] {
            for name in order {
                guard let key = Self.key(of: name), CloudSettings.isOldKey(key) == isOld else { continue }
                let canonical = CloudSettings.canonicalKey(key)
                if isOld && (settings[canonical] != nil || open.contains(canonical)) { continue }
                switch variables[name] {
                case .known(let range)?:
                    settings.set(canonical, SecretSlice(arena: arena, offset: range.lowerBound, count: range.count))
                case .open?: if !open.contains(canonical) { open.append(canonical) }
                case .unset?, nil: break
                }
                guard settings.values.count + open.count <= CloudSettings.values else {
                    throw TextFailure(line: scanner.line, reason: .tooMuch)
                }
            }
        }
        return OpenRC(settings: settings, open: open)
    }

    /// The setting of a variable; nil for those that are not a cloud's: the program's own, and the answers to questions
    /// that Horizon's files keep in OS_PASSWORD_INPUT.
    private static func key(of variable: String) -> String? {
        let others = ["OS_CLOUD", "OS_CLOUD_NAME", "OS_CLIENT_CONFIG_FILE", "OS_CLIENT_SECURE_FILE"]
        guard variable.hasPrefix("OS_"), !variable.hasSuffix("_INPUT"), !others.contains(variable) else { return nil }
        // To the shell OS_auth_url is another variable.
        guard variable == variable.uppercased() else { return nil }
        let key = variable.dropFirst(3).lowercased()
        return CloudSettings.isKey(key) ? key : nil
    }

    // MARK: Words

    private var isAtStart: Bool { if case .start = place { true } else { false } }

    private mutating func take(_ word: OpenRCWord) throws(TextFailure) {
        switch place {
        case .start: try takeFirst(word)
        case .loopVariable:
            try setOpen(word)
            place = .argument(of: .other)
        case .caseSubject: if text(of: word) == "in" { place = .start }
        case .argument(.other): break
        case .argument: arguments.append(word)
        }
    }

    private mutating func takeFirst(_ word: OpenRCWord) throws(TextFailure) {
        if let start = word.valueStart {
            let end = start - (word.isAppending ? 2 : 1)
            return try set(
                string(word.range.lowerBound..<end), start..<word.range.upperBound, word, isProvisional: true)
        }
        guard !word.isQuoted, !word.isExpanded, try takeKeyword(word) else { return try takeCommand(word) }
    }

    private mutating func takeKeyword(_ word: OpenRCWord) throws(TextFailure) -> Bool {
        let keyword = text(of: word)
        switch keyword {
        case "if": blocks.append((end: "fi", line: word.line))
        case "while", "until": blocks.append((end: "done", line: word.line))
        case "for", "select":
            blocks.append((end: "done", line: word.line))
            place = .loopVariable
        case "case":
            blocks.append((end: "esac", line: word.line))
            scanner.caseCount += 1
            place = .caseSubject
        case "fi", "done", "esac":
            guard blocks.popLast()?.end == keyword else { throw TextFailure(line: word.line, reason: .unbalanced) }
            if keyword == "esac" { scanner.caseCount -= 1 }
        case "then", "elif", "else", "do", "!", "{", "}": break
        case "function": throw TextFailure(line: word.line, reason: .function)
        default: return false
        }
        return true
    }

    private mutating func takeCommand(_ word: OpenRCWord) throws(TextFailure) {
        for (name, value) in replaced.reversed() { variables[name] = value }
        replaced = []
        guard word.openStart == nil && !word.isExpanded else {
            throw TextFailure(line: word.line, reason: .unknownCommand)
        }
        guard word.isQuoted || !isElement(word) else { throw TextFailure(line: word.line, reason: .parenthesis) }
        switch text(of: word) {
        case "export": place = .argument(of: .export)
        case "unset": place = .argument(of: .unset)
        case "read": place = .argument(of: .read)
        case "printf": place = .argument(of: .printf)
        case ".", "source": throw TextFailure(line: word.line, reason: .otherFile)
        // What these set or keep from being set depends on more than is understood here.
        case "eval", "mapfile", "readarray", "getopts", "let", "declare", "typeset", "readonly", "local", "command",
            "builtin", "time", "trap", "alias", "enable", "coproc":
            throw TextFailure(line: word.line, reason: .unknownCommand)
        // What comes behind them does not count; under a condition they are the end of a bad start.
        case "return", "exit", "exec":
            guard isConditional else { throw TextFailure(line: word.line, reason: .unknownCommand) }
            place = .argument(of: .other)
        default: place = .argument(of: .other)
        }
    }

    // MARK: Commands

    private mutating func endCommand() throws(TextFailure) {
        if case .argument(let command) = place {
            switch command {
            case .export: for word in arguments where !isOption(word) { try export(word) }
            case .unset: try unset()
            case .read: try read()
            case .printf:
                if let option = arguments.first, isOption(option), text(of: option).hasPrefix("-v") {
                    guard text(of: option) == "-v", arguments.count > 1 else {
                        throw TextFailure(line: option.line, reason: .unknownCommand)
                    }
                    try setOpen(arguments[1])
                }
            case .other: break
            }
        }
        place = .start
        arguments.removeAll(keepingCapacity: true)
        // No command came behind the assignments: they stay.
        replaced.removeAll(keepingCapacity: true)
    }

    private func isBlank(_ byte: UInt8) -> Bool { " \t\n".utf8.contains(byte) }

    /// `NAME[…]=value`, an element of an array; the first one is the variable of that name.
    private func isElement(_ word: OpenRCWord) -> Bool {
        guard let bracket = position(of: UInt8(ascii: "["), in: word.range), bracket > word.range.lowerBound,
            position(of: UInt8(ascii: "="), in: bracket..<word.range.upperBound) != nil
        else { return false }
        return Self.isName(string(word.range.lowerBound..<bracket))
    }

    /// `NAME=value`, which may be quoted as a whole, or a name alone, which changes nothing.
    private mutating func export(_ word: OpenRCWord) throws(TextFailure) {
        let equals = position(of: UInt8(ascii: "="), in: word.range)
        // The shell parts what a variable without quotes holds into words, by rules that another variable sets.
        if word.isExpanded, !word.isQuoted, word.valueStart == nil,
            word.range.contains(where: { isBlank(bytes.span[$0]) })
        {
            throw TextFailure(line: word.line, reason: .expansion)
        }
        if let open = word.openStart, open <= equals ?? .max {
            throw TextFailure(line: word.line, reason: .unknownCommand)
        }
        guard let equals else { return }
        let end = word.isAppending ? equals - 1 : equals
        try set(
            string(word.range.lowerBound..<end), equals + 1..<word.range.upperBound, word, isProvisional: false)
    }

    private mutating func unset() throws(TextFailure) {
        // `unset -f` is about functions.
        guard !arguments.contains(where: { isOption($0) && text(of: $0).contains("f") }) else { return }
        for word in arguments where !isOption(word) {
            let name = try name(word)
            if isConditional, !isGap(name) { continue }
            try put(name, .unset, word)
        }
    }

    private mutating func read() throws(TextFailure) {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            guard isOption(word) else {
                try setOpen(word)
                continue
            }
            // These options have a word of their own behind them, unless it is in the same word.
            let last = bytes.span[word.range.upperBound - 1]
            if "adinNptu".utf8.contains(last) { _ = rest.popFirst() }
        }
    }

    // MARK: Variables

    /// Whether it depends on something whether the command runs.
    private var isConditional: Bool { isBehindCondition || !blocks.isEmpty }

    /// Whether a conditional command fills or clears `name`: it is unset or empty.
    private func isGap(_ name: String) -> Bool {
        switch variables[name] {
        case .known(let range)?: range.isEmpty
        case .open?: false
        case .unset?, nil: true
        }
    }

    private mutating func set(
        _ name: String, _ range: Range<Int>, _ word: OpenRCWord, isProvisional: Bool
    ) throws(TextFailure) {
        guard Self.isName(name) else { return }
        if isConditional, !isGap(name) { return }
        guard range.count <= CloudSettings.valueCount else { throw TextFailure(line: word.line, reason: .tooMuch) }
        if isProvisional { replaced.append((name, variables[name])) }
        guard word.openStart == nil else { return try put(name, .open, word) }
        guard word.isAppending, let old = variables[name] else { return try put(name, .known(range), word) }
        switch old {
        case .open: break
        case .unset: try put(name, .known(range), word)
        case .known(let front):
            let start = bytes.count
            guard front.count + range.count <= CloudSettings.valueCount,
                start <= OpenRC.textCount + OpenRC.expandedCount
            else { throw TextFailure(line: word.line, reason: .tooMuch) }
            for index in Array(front) + Array(range) {
                let byte = bytes.span[index]
                bytes.append(byte)
            }
            try put(name, .known(start..<bytes.count), word)
        }
    }

    /// The variable gets a value that this file does not know.
    private mutating func setOpen(_ word: OpenRCWord) throws(TextFailure) {
        let name = try name(word)
        if isConditional, !isGap(name) { return }
        try put(name, .open, word)
    }

    private mutating func put(
        _ name: String, _ value: OpenRCScanner.Value, _ word: OpenRCWord
    ) throws(TextFailure) {
        guard Self.isName(name) else { return }
        if variables[name] == nil {
            guard order.count < OpenRC.variables else {
                throw TextFailure(line: word.line, reason: .tooMuch)
            }
            order.append(name)
        }
        let isTooLong = name.utf8.count > CloudSettings.keyCount.upperBound + 3
        guard !isTooLong || !name.hasPrefix("OS_") else {
            throw TextFailure(line: word.line, reason: .tooMuch)
        }
        variables[name] = value
        hasSet = true
    }

    // MARK: Text

    private func name(_ word: OpenRCWord) throws(TextFailure) -> String {
        guard word.openStart == nil else { throw TextFailure(line: word.line, reason: .unknownCommand) }
        return string(word.range)
    }

    private func isOption(_ word: OpenRCWord) -> Bool {
        word.range.count > 1 && "-+".utf8.contains(bytes.span[word.range.lowerBound])
    }

    private func position(of byte: UInt8, in range: Range<Int>) -> Int? {
        let bytes = bytes.span
        return range.first { bytes[$0] == byte }
    }

    /// A keyword or a command; empty for a word that is longer than any.
    private func text(of word: OpenRCWord) -> String { word.range.count <= 16 ? string(word.range) : "" }

    private func string(_ range: Range<Int>) -> String {
        let bytes = bytes.span
        return String(decoding: range.map { bytes[$0] }, as: UTF8.self)
    }

    private static func isName(_ name: String) -> Bool {
        let bytes = name.utf8
        guard let first = bytes.first, OpenRCScanner.isNameByte(first, isFirst: true) else { return false }
        return bytes.allSatisfy { OpenRCScanner.isNameByte($0, isFirst: false) }
    }
}
