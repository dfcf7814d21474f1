/// Decides which tokens of a text are backup codes (the rules stand at ``BackupCodeText``).
import CofferMemory

/// The lines of a text, looked at for one shape of codes after the other.
struct BackupCodeFinder {
    /// The codes of one shape.
    struct List {
        var codes: [Code] = []
        var shape = ""
        /// How many lines gave a code.
        var lineCount = 0
        var leftOut = 0
    }

    struct Code {
        /// The places of its groups in the text.
        let pieces: [Range<Int>]
        var isUsed: Bool
        fileprivate var isTicked = false
    }

    /// More shapes than this are not looked at: the right one is among the most frequent.
    private static let shapesMaximum = 12
    /// A sentence has at least so many words.
    private static let sentenceWords = 4

    private let lines: [BackupCodeLine]

    init(_ text: borrowing Span<UInt8>, _ lines: [BackupCodeLine]) {
        self.lines = Self.withoutNumbering(text, lines)
    }

    /// `lines` with `1-abcd1234`, `2-…`, `3-…` read as numbered codes, if such numbers count up from 1.
    private static func withoutNumbering(
        _ text: borrowing Span<UInt8>, _ lines: [BackupCodeLine]
    ) -> [BackupCodeLine] {
        var numbered = lines
        var (count, strangers) = (0, 0)
        for line in lines.indices {
            for place in lines[line].tokens.indices {
                let token = lines[line].tokens[place]
                guard token.groups.count > 1, let length = token.groups.first, length <= 2 else { continue }
                let hyphen = token.range.lowerBound + Int(length)
                guard text[hyphen] == UInt8(ascii: "-"),
                    let number = number(text.extracting(token.range.lowerBound..<hyphen))
                else { continue }
                guard number == count + 1 else {
                    strangers += 1
                    continue
                }
                count += 1
                numbered[line].tokens[place].dropNumbering(
                    to: BackupCodeScanner.piece(text, hyphen + 1..<token.range.upperBound))
            }
        }
        return count > 1 && count > strangers ? numbered : lines
    }

    private static func number(_ digits: borrowing Span<UInt8>) -> Int? {
        var number = 0
        for index in digits.indices {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digits[index]) else { return nil }
            number = number * 10 + Int(digits[index] - UInt8(ascii: "0"))
        }
        return number
    }

    /// The codes of the shape that gives the most, or nil if none gives any.
    func best(_ text: borrowing Span<UInt8>) -> List? {
        var best: (list: List, rank: [Int])?
        for candidate in candidates() {
            guard let list = list(text, groups: candidate.groups) else { continue }
            // What stands before a colon is rather a label, and the longer shape is rather the code.
            let rank = [
                list.codes.count, candidate.countNotBeforeColon, labelledCount(text, candidate.groups),
                candidate.groups.reduce(0) { $0 + Int($1) },
            ]
            if let known = best, !known.rank.lexicographicallyPrecedes(rank) { continue }
            best = (list, rank)
        }
        return best?.list
    }

    private struct Candidate {
        let groups: [UInt8]
        var count = 0
        var countNotBeforeColon = 0
        let place: Int
    }

    /// The shapes of the tokens with a digit, the most frequent first.
    private func candidates() -> [Candidate] {
        var found: [[UInt8]: Candidate] = [:]
        for line in lines {
            for token in line.tokens where Self.isCandidate(token) {
                var candidate = found[token.groups] ?? Candidate(groups: token.groups, place: token.range.lowerBound)
                candidate.count += 1
                if !token.isBeforeColon { candidate.countNotBeforeColon += 1 }
                found[token.groups] = candidate
            }
        }
        let sorted = found.values.sorted { ($1.count, $0.place) < ($0.count, $1.place) }
        return Array(sorted.prefix(Self.shapesMaximum))
    }

    /// Whether a token could be a code, or a group of one, by its own looks.
    private static func isCandidate(_ token: BackupCodeToken) -> Bool {
        guard token.kind == .piece, token.hasDigit, !token.isNumbering, token.symbolCount >= 3,
            token.symbolCount <= BackupCodeText.codeCount.upperBound
        else { return false }
        guard token.groups.count > 1 else { return true }
        let isDate = token.alphabet == .digits && [[4, 2, 2], [2, 2, 4]].contains(token.groups)
        return !isDate && token.groups.allSatisfy { $0 >= 2 }
    }

    private func labelledCount(_ text: borrowing Span<UInt8>, _ groups: [UInt8]) -> Int {
        var count = 0
        for line in lines {
            guard let first = line.tokens.firstIndex(where: { $0.groups == groups && $0.hasDigit }) else { continue }
            for token in line.tokens[..<first] where BackupCodeWords.saysCode(text, token) {
                count += 1
                break
            }
        }
        return count
    }

    fileprivate static func saysUsed(_ text: borrowing Span<UInt8>, _ words: [BackupCodeToken]) -> Bool {
        for word in words where word.hasLetter && BackupCodeWords.negates(text, word) { return false }
        return mentionsUse(text, words)
    }

    fileprivate static func mentionsUse(_ text: borrowing Span<UInt8>, _ words: [BackupCodeToken]) -> Bool {
        for word in words where word.hasLetter && BackupCodeWords.saysUsed(text, word) { return true }
        return false
    }
}

// MARK: - The codes of one shape

extension BackupCodeFinder {
    /// A line as one shape sees it.
    private struct View {
        let line: Int
        /// The places of the codes, or of their groups, among the line's tokens.
        var matches: [Int]
        var hasStrong: Bool
        var wordsBefore: Int
        var wordsElsewhere: Int
        var isAccepted = false

        /// Whether both hold as many codes and as many words in the same places.
        func isLike(_ other: View) -> Bool {
            matches.count == other.matches.count && wordsBefore == other.wordsBefore
                && wordsElsewhere == other.wordsElsewhere
        }
    }

    private func list(_ text: borrowing Span<UInt8>, groups: [UInt8]) -> List? {
        let alphabet = alphabet(of: groups)
        var views: [View] = []
        for index in lines.indices { views.append(view(text, index, groups, alphabet)) }
        for index in views.indices { views[index].isAccepted = isCodeLine(text, views[index]) }
        acceptWithoutDigits(&views, groups, alphabet)
        refuseLabelled(text, &views)
        dropWords(&views)

        guard let together = groupsTogether(views, groups, alphabet) else { return nil }
        let usedSections = usedSections(text, views)
        var list = List()
        for view in views {
            var codes = view.isAccepted ? codes(text, view, together: together, leftOut: &list.leftOut) : []
            if usedSections[view.line] { for index in codes.indices { codes[index].isUsed = true } }
            if !codes.isEmpty { list.lineCount += 1 }
            list.codes += codes
            list.leftOut += strangers(view)
        }
        let count = groups.reduce(0) { $0 + Int($1) } * together
        guard !list.codes.isEmpty, BackupCodeText.codeCount.contains(count + groups.count - 1) else { return nil }
        // A tick on every code is a bullet.
        if !list.codes.allSatisfy(\.isTicked) {
            for index in list.codes.indices where list.codes[index].isTicked { list.codes[index].isUsed = true }
        }
        list.shape = Self.description(groups, alphabet, count: count)
        return list
    }

    /// The narrowest alphabet that holds the tokens of this shape on the lines without words, if there are any.
    private func alphabet(of groups: [UInt8]) -> BackupCodeToken.Alphabet {
        var (onClearLines, anywhere): (BackupCodeToken.Alphabet, BackupCodeToken.Alphabet) = ([], [])
        for line in lines {
            let isClear = line.tokens.allSatisfy { token in
                token.kind == .piece
                    ? token.groups == groups && token.hasDigit || !token.hasLetter : token.kind != .word
            }
            for token in line.tokens where token.groups == groups && token.hasDigit {
                anywhere.formUnion(token.alphabet)
                if isClear { onClearLines.formUnion(token.alphabet) }
            }
        }
        return onClearLines.isEmpty ? anywhere : onClearLines
    }

    private func view(
        _ text: borrowing Span<UInt8>, _ index: Int, _ groups: [UInt8], _ alphabet: BackupCodeToken.Alphabet
    ) -> View {
        var view = View(line: index, matches: [], hasStrong: false, wordsBefore: 0, wordsElsewhere: 0)
        var isAfterUse = false
        for (place, token) in lines[index].tokens.enumerated() {
            // What stands in brackets behind a code is a note, and so is a date behind "used".
            let isBracketed = token.isInBrackets && !view.matches.isEmpty && !isFirstInBrackets(index, view.matches)
            let isDate = isAfterUse && token.alphabet == .digits && alphabet != .digits && token.gap == .oneSpace
            if !isBracketed, !isDate, matches(token, groups, alphabet) {
                view.matches.append(place)
                view.hasStrong = view.hasStrong || token.hasDigit
                isAfterUse = false
            } else if token.kind == .word || (token.kind == .piece && token.hasLetter && token.symbolCount > 1) {
                if view.matches.isEmpty { view.wordsBefore += 1 } else { view.wordsElsewhere += 1 }
                isAfterUse = isAfterUse || (!view.matches.isEmpty && BackupCodeWords.saysUsed(text, token))
            }
        }
        return view
    }

    /// Whether the line's codes themselves stand in brackets.
    private func isFirstInBrackets(_ line: Int, _ matches: [Int]) -> Bool {
        matches.first.map { lines[line].tokens[$0].isInBrackets } ?? false
    }

    private func matches(
        _ token: BackupCodeToken, _ groups: [UInt8], _ alphabet: BackupCodeToken.Alphabet
    ) -> Bool {
        guard token.kind == .piece, token.groups == groups, !token.isNumbering, alphabet.isSuperset(of: token.alphabet)
        else { return false }
        if token.hasDigit { return Self.isCandidate(token) }
        guard !token.isBeforeColon else { return false }
        // Among codes in both cases, a word is one that is written like a word.
        let isMixed = !alphabet.isDisjoint(with: .lower) && !alphabet.isDisjoint(with: .upper)
        guard isMixed else { return true }
        return !token.isCapitalised && !token.alphabet.isDisjoint(with: .lower)
            && !token.alphabet.isDisjoint(with: .upper)
    }

    /// Whether a line with a digit in its codes is a line of codes, not a sentence.
    private func isCodeLine(_ text: borrowing Span<UInt8>, _ view: View) -> Bool {
        guard view.hasStrong, let first = view.matches.first, let last = view.matches.last else { return false }
        let tokens = lines[view.line].tokens
        let after = Array(tokens[(last + 1)...])
        let isNote = after.first?.isAfterOpener == true || Self.mentionsUse(text, after)
        let wordsAfter = after.count { $0.hasLetter && !$0.isOrdinal }
        // A sentence that holds three is a list in a sentence.
        if view.matches.count >= 3 { return true }
        if view.wordsBefore == 0 { return isNote || wordsAfter < Self.sentenceWords }
        guard isNote || wordsAfter == 0 else { return false }
        return view.wordsBefore < Self.sentenceWords || tokens[first].isAfterColon
            || view.matches.count >= view.wordsBefore
    }

    /// Takes the lines whose codes happen to have no digit, where they stand among lines that have.
    private func acceptWithoutDigits(
        _ views: inout [View], _ groups: [UInt8], _ alphabet: BackupCodeToken.Alphabet
    ) {
        let isUnlikeWords =
            groups.count > 1 || alphabet.isSubset(of: [.digits, .lowerHexadecimal])
            || alphabet.isSubset(of: [.digits, .upperHexadecimal])
        func accept(_ index: Int, beside neighbour: Int) {
            let view = views[index]
            guard !view.hasStrong, !view.isAccepted, !view.matches.isEmpty else { return }
            if isUnlikeWords, view.wordsBefore + view.wordsElsewhere == 0 {
                views[index].isAccepted = true
            } else if views.indices.contains(neighbour), views[neighbour].isAccepted {
                let distance = lines[index].number - lines[neighbour].number
                views[index].isAccepted = abs(distance) == 1 && views[neighbour].isLike(view)
            }
        }
        for index in views.indices { accept(index, beside: index - 1) }
        for index in views.indices.reversed() { accept(index, beside: index + 1) }
    }

    /// A number behind a label is no code where codes stand on lines of their own or behind a label that says so,
    /// unless its own label says so or it is numbered.
    private func refuseLabelled(_ text: borrowing Span<UInt8>, _ views: inout [View]) {
        let pure = views.count { $0.isAccepted && $0.wordsBefore == 0 }
        var labelled: [(index: Int, saysCode: Bool, isNumbered: Bool)] = []
        for index in views.indices where views[index].isAccepted && views[index].wordsBefore > 0 {
            guard let first = views[index].matches.first else { continue }
            let before = lines[views[index].line].tokens[..<first]
            var saysCode = false
            for token in before where token.hasLetter && BackupCodeWords.saysCode(text, token) { saysCode = true }
            labelled.append((index, saysCode, before.last?.isOrdinal == true))
        }
        guard (pure >= 2 && pure >= labelled.count) || labelled.contains(where: \.saysCode) else { return }
        for line in labelled where !line.saysCode && !line.isNumbered { views[line.index].isAccepted = false }
    }

    /// Drops the tokens without a digit again if they are more than those with one: a shape needs a digit in most.
    private func dropWords(_ views: inout [View]) {
        var (strong, weak) = (0, 0)
        for view in views where view.isAccepted {
            for place in view.matches {
                if lines[view.line].tokens[place].hasDigit { strong += 1 } else { weak += 1 }
            }
        }
        guard weak > strong else { return }
        for index in views.indices {
            let tokens = lines[views[index].line].tokens
            views[index].matches.removeAll { !tokens[$0].hasDigit }
            views[index].isAccepted = views[index].isAccepted && views[index].hasStrong
        }
    }

    /// For every line whether a heading above it, of three words at most and a colon, says that the codes are used.
    private func usedSections(_ text: borrowing Span<UInt8>, _ views: [View]) -> [Bool] {
        var isUsed = false
        var sections: [Bool] = []
        for view in views {
            let words = lines[view.line].tokens.filter { $0.hasLetter && !$0.isOrdinal }
            if !view.isAccepted, !words.isEmpty {
                isUsed = words.count <= 3 && words.last?.isBeforeColon == true && Self.saysUsed(text, words)
            }
            sections.append(isUsed)
        }
        return sections
    }

    /// How many tokens make one code, or nil if the shape is too short to be one.
    private func groupsTogether(
        _ views: [View], _ groups: [UInt8], _ alphabet: BackupCodeToken.Alphabet
    ) -> Int? {
        guard groups.count == 1, let length = groups.first, (3...5).contains(length) else { return 1 }
        let alone = length < UInt8(BackupCodeText.codeCount.lowerBound) ? nil : 1
        let hasPure = views.contains { $0.isAccepted && $0.wordsBefore == 0 }
        var runs: [Int: Int] = [:]
        for view in views where view.isAccepted && (view.wordsBefore == 0 || !hasPure) {
            for run in self.runs(view) { runs[run.count, default: 0] += 1 }
        }
        let total = runs.values.reduce(0, +)
        func isMost(_ count: Int) -> Bool { count * 3 >= total * 2 && count > 0 }
        let even = runs.filter { $0.key.isMultiple(of: 2) }.values.reduce(0, +)
        let most = runs.max { ($0.value, $0.key) < ($1.value, $1.key) }
        guard let most, most.key > 1 || isMost(even) else { return alone }

        let isUniform = isMost(most.value) && most.key * Int(length) <= BackupCodeText.codeCount.upperBound
        if alphabet == .digits {
            if isMost(even) { return 2 }
            return isUniform && most.key == 3 ? 3 : alone
        }
        if isUniform { return most.key }
        return isMost(even) ? 2 : alone
    }

    /// The line's matches, cut where anything but one space stands between them.
    private func runs(_ view: View) -> [[Int]] {
        var runs: [[Int]] = []
        for place in view.matches {
            let token = lines[view.line].tokens[place]
            if token.gap == .oneSpace, let last = runs.last?.last, last == place - 1 {
                runs[runs.count - 1].append(place)
            } else {
                runs.append([place])
            }
        }
        return runs
    }

    private func codes(
        _ text: borrowing Span<UInt8>, _ view: View, together: Int, leftOut: inout Int
    ) -> [Code] {
        let tokens = lines[view.line].tokens
        var groups: [[Int]] = []
        for run in together == 1 ? view.matches.map({ [$0] }) : runs(view) {
            guard run.count.isMultiple(of: together) else {
                leftOut += 1
                continue
            }
            for start in stride(from: 0, to: run.count, by: together) {
                groups.append(Array(run[start..<start + together]))
            }
        }
        let marksStandFirst = marksStandFirst(tokens, view)
        return groups.indices.map { index in
            let group = groups[index]
            let previousEnd = index == 0 ? 0 : (groups[index - 1].last ?? -1) + 1
            let nextStart = index + 1 < groups.count ? groups[index + 1].first ?? tokens.count : tokens.count
            let before = tokens[previousEnd..<(group.first ?? previousEnd)]
            let after = tokens[((group.last ?? nextStart - 1) + 1)..<nextStart]
            let marks = marksStandFirst ? before : after
            var code = Code(pieces: group.map { tokens[$0].range }, isUsed: false)
            code.isTicked = marks.contains { $0.kind == .tick }
            let isLabelledUsed =
                index == 0 && tokens[group.first ?? 0].isAfterColon && Self.saysUsed(text, Array(before))
            code.isUsed =
                marks.contains { $0.kind == .cross } || group.contains { tokens[$0].isStruck }
                || Self.saysUsed(text, Self.note(after)) || isLabelledUsed
            return code
        }
    }

    /// The note behind a code ends where the numbering of the next begins.
    private static func note(_ tokens: ArraySlice<BackupCodeToken>) -> [BackupCodeToken] {
        Array(tokens.prefix { !$0.isNumbering })
    }

    /// Whether a line's ticks and boxes stand before its codes, not behind them.
    private func marksStandFirst(_ tokens: [BackupCodeToken], _ view: View) -> Bool {
        guard let first = view.matches.first else { return false }
        return tokens[..<first].contains { $0.kind == .tick || $0.kind == .cross || $0.kind == .box }
    }

    /// How many tokens stand on a line without words as codes do, and are none of this shape.
    private func strangers(_ view: View) -> Int {
        let matches = Set(view.matches)
        let others = lines[view.line].tokens.enumerated().filter { !matches.contains($0.offset) }.map(\.element)
        guard !others.contains(where: { $0.hasLetter && !$0.hasDigit && !$0.isOrdinal }) else { return 0 }
        return others.count { token in
            Self.isCandidate(token) && !token.isInBrackets && !token.isBeforeColon
                && token.symbolCount >= BackupCodeText.codeCount.lowerBound
        }
    }

    /// The shape in words.
    private static func description(
        _ groups: [UInt8], _ alphabet: BackupCodeToken.Alphabet, count: Int
    ) -> String {
        let characters =
            if alphabet == .digits {
                "digits"
            } else if alphabet.isSubset(of: [.digits, .lowerHexadecimal])
                || alphabet.isSubset(of: [.digits, .upperHexadecimal])
            {
                "hexadecimal characters"
            } else {
                "letters and digits"
            }
        guard groups.count > 1 else { return "\(count) \(characters)" }
        let form = groups.map { String(repeating: "x", count: Int($0)) }.joined(separator: "-")
        return "\(count) \(characters) (\(form))"
    }
}
