/// Backup codes are found in the lists that people paste and services hand out, and nothing else is taken for one.
import CofferMemory
import CofferModel
import TestSupport
import Testing

/// A text, and what must be understood of it.
private struct Layout {
    let name: String
    let text: String
    let codes: [String]
    /// The codes that the text says are used.
    var used: [String] = []
    var duplicates = 0
    var ignoredLines = 0
    var leftOut = 0
    var shape: String?
}

/// Ten codes in VK Cloud's form. One has no digit, one no letter.
private let hexadecimal = [
    "1f0c9a7e", "deadbeef", "73b2c05d", "00412895", "a9e4d611", "facade12", "5c0ffee5", "e81b3f97", "24d6a0bc",
    "9b7f1e3a",
]
private let pairs = ["1234 5678", "8765 4321", "1029 3847", "5647 3829", "9182 7364", "4455 6677"]
private let pairCodes = pairs.map { $0.filter { $0 != " " } }
private let dashed = ["a1b2c-d3e4f", "99aab-0c1d2", "abcde-12345", "fedcb-a9876", "01234-56789"]

private func columns(_ codes: [String], of count: Int, separatedBy separator: String) -> String {
    stride(from: 0, to: codes.count, by: count)
        .map { codes[$0..<min($0 + count, codes.count)].joined(separator: separator) }
        .joined(separator: "\n")
}

private func numbered(_ codes: [String], _ form: (Int, String) -> String, newline: String = "\n") -> String {
    codes.enumerated().map { form($0.offset + 1, $0.element) }.joined(separator: newline)
}

private let layouts: [Layout] = [
    // VK Cloud's form in every dress.
    Layout(
        name: "one code a line", text: hexadecimal.joined(separator: "\n"), codes: hexadecimal,
        shape: "8 hexadecimal characters"),
    Layout(name: "CR LF and an end", text: hexadecimal.joined(separator: "\r\n") + "\r\n\r\n", codes: hexadecimal),
    Layout(name: "CR alone", text: hexadecimal.joined(separator: "\r"), codes: hexadecimal),
    Layout(name: "byte order mark", text: "\u{FEFF}" + hexadecimal.joined(separator: "\r\n"), codes: hexadecimal),
    Layout(name: "all on one line", text: hexadecimal.joined(separator: " "), codes: hexadecimal),
    Layout(name: "commas", text: hexadecimal.joined(separator: ","), codes: hexadecimal),
    Layout(name: "commas and spaces", text: hexadecimal.joined(separator: ", ") + ".", codes: hexadecimal),
    Layout(name: "semicolons", text: hexadecimal.joined(separator: ";\n") + ";", codes: hexadecimal),
    Layout(name: "two columns by a space", text: columns(hexadecimal, of: 2, separatedBy: " "), codes: hexadecimal),
    Layout(name: "two columns by a tab", text: columns(hexadecimal, of: 2, separatedBy: "\t"), codes: hexadecimal),
    Layout(name: "three columns", text: columns(hexadecimal, of: 3, separatedBy: "     "), codes: hexadecimal),
    Layout(name: "pipes", text: columns(hexadecimal, of: 5, separatedBy: " | "), codes: hexadecimal),
    Layout(
        name: "a table of Markdown",
        text: "| # | Code |\n|---|---|\n" + numbered(hexadecimal) { "| \($0) | `\($1)` |" }, codes: hexadecimal,
        ignoredLines: 2),
    Layout(
        name: "a table of box lines",
        text: "┌──────────┬──────────┐\n" + "│ 1f0c9a7e │ deadbeef │\n├──────────┼──────────┤\n"
            + "│ 73b2c05d │ 00412895 │\n└──────────┴──────────┘",
        codes: Array(hexadecimal[..<4]), ignoredLines: 3),
    Layout(name: "1.", text: numbered(hexadecimal) { "\($0). \($1)" }, codes: hexadecimal),
    Layout(name: "1. without a space", text: numbered(hexadecimal) { "\($0).\($1)" }, codes: hexadecimal),
    Layout(name: "1)", text: numbered(hexadecimal) { "\($0)) \($1)" }, codes: hexadecimal),
    Layout(name: "(1)", text: numbered(hexadecimal) { "(\($0)) \($1)" }, codes: hexadecimal),
    Layout(name: "01:", text: numbered(hexadecimal) { "\($0 < 10 ? "0" : "")\($0): \($1)" }, codes: hexadecimal),
    Layout(
        name: "01: no space", text: numbered(hexadecimal) { "\($0 < 10 ? "0" : "")\($0):\($1)" }, codes: hexadecimal),
    Layout(name: "#1", text: numbered(hexadecimal) { "#\($0) \($1)" }, codes: hexadecimal),
    Layout(name: "№ 1", text: numbered(hexadecimal) { "№ \($0) \($1)" }, codes: hexadecimal),
    Layout(name: "a bare number", text: numbered(hexadecimal) { "\($0)\t\($1)" }, codes: hexadecimal),
    Layout(name: "a number and a dash", text: numbered(hexadecimal) { "\($0) - \($1)" }, codes: hexadecimal),
    Layout(name: "1-", text: numbered(hexadecimal) { "\($0)-\($1)" }, codes: hexadecimal),
    Layout(
        name: "a list in a sentence",
        text: "Your backup codes are 1f0c9a7e, 73b2c05d, 00412895 and a9e4d611. Keep them safe.",
        codes: ["1f0c9a7e", "73b2c05d", "00412895", "a9e4d611"]),
    Layout(
        name: "a note of everything",
        text: "VK\nlogin: user@example.com\npassword: hunter22\ncodes: 1f0c9a7e 73b2c05d 00412895",
        codes: ["1f0c9a7e", "73b2c05d", "00412895"], ignoredLines: 3),
    Layout(name: "a)", text: "a) 1f0c9a7e\nb) deadbeef\nc) 73b2c05d", codes: Array(hexadecimal[..<3])),
    Layout(name: "hyphens", text: numbered(hexadecimal) { "- \($1)" }, codes: hexadecimal),
    Layout(name: "stars", text: numbered(hexadecimal) { "* \($1)" }, codes: hexadecimal),
    Layout(name: "stuck bullets", text: numbered(hexadecimal) { "•\($1)" }, codes: hexadecimal),
    Layout(name: "empty boxes", text: numbered(hexadecimal) { "☐ \($1)" }, codes: hexadecimal),
    Layout(name: "ticks as bullets", text: numbered(hexadecimal) { "✓ \($1)" }, codes: hexadecimal),
    Layout(
        name: "numbers in columns",
        text: "1. 1f0c9a7e   6. facade12\n2. deadbeef   7. 5c0ffee5\n3. 73b2c05d   8. e81b3f97",
        codes: ["1f0c9a7e", "facade12", "deadbeef", "5c0ffee5", "73b2c05d", "e81b3f97"]),
    Layout(
        name: "VK Cloud's text in Russian",
        text: "Резервные коды для user@example.com\n\nСохраните эти коды в надёжном месте. Каждый код можно "
            + "использовать только один раз.\n\n" + hexadecimal.joined(separator: "\n")
            + "\n\nДата создания: 20240115\nПоддержка: 8 800 555-35-35",
        codes: hexadecimal, ignoredLines: 4),
    Layout(
        name: "an English heading",
        text: "Backup codes\n============\nKeep these 10 codes somewhere safe. Each code works once.\n\n"
            + hexadecimal.joined(separator: "\n") + "\n\nGenerated 2024-01-15 14:05:33 for 12345678",
        codes: hexadecimal, ignoredLines: 4),
    Layout(
        name: "a label on every line", text: numbered(hexadecimal) { "Backup code \($0): \($1)" },
        codes: hexadecimal),
    Layout(
        name: "a Russian label on every line", text: numbered(hexadecimal) { "Резервный код №\($0) — \($1)" },
        codes: hexadecimal),
    Layout(name: "labels like codes", text: numbered(hexadecimal) { "code\($0): \($1)" }, codes: hexadecimal),
    Layout(
        name: "a label on the first line", text: "Codes: " + hexadecimal.joined(separator: "\n"),
        codes: hexadecimal),
    Layout(
        name: "an account number like a code",
        text: "Account: 12345678\n" + hexadecimal.joined(separator: "\n"), codes: hexadecimal, ignoredLines: 1),
    Layout(
        name: "JSON", text: "{\"codes\": [\n" + numbered(hexadecimal) { "  \"\($1)\"," } + "\n]}",
        codes: hexadecimal, ignoredLines: 2),
    Layout(
        name: "JSON on one line",
        text: "{\"codes\":[" + hexadecimal.map { "\"\($0)\"" }.joined(separator: ",") + "]}", codes: hexadecimal),
    Layout(
        name: "JSON with marks",
        text: "[{\"code\":\"1f0c9a7e\",\"used\":false},\n{\"code\":\"73b2c05d\",\"used\":true}]",
        codes: ["1f0c9a7e", "73b2c05d"], used: ["73b2c05d"]),
    Layout(
        name: "HTML", text: "<ul>\n" + numbered(hexadecimal) { "<li>\($1)</li>" } + "\n</ul>", codes: hexadecimal,
        ignoredLines: 2),
    Layout(name: "quotes", text: numbered(hexadecimal) { "«\($1)»" }, codes: hexadecimal),
    Layout(name: "a quoted mail", text: numbered(hexadecimal) { "> \($1)" }, codes: hexadecimal),
    Layout(
        name: "a block of code", text: "```\n" + columns(hexadecimal, of: 2, separatedBy: "  ") + "\n```",
        codes: hexadecimal, ignoredLines: 2),
    Layout(
        name: "no-break spaces", text: columns(hexadecimal, of: 2, separatedBy: "\u{A0}\u{A0}"), codes: hexadecimal),
    Layout(name: "capitals", text: "1F0C9A7E\nDEADBEEF\n73B2C05D", codes: ["1F0C9A7E", "DEADBEEF", "73B2C05D"]),
    // Notes.
    Layout(
        name: "(used)",
        text: "1f0c9a7e (used)\ndeadbeef\n73b2c05d (unused)\n00412895 - used 20240105\na9e4d611 # spent",
        codes: ["1f0c9a7e", "deadbeef", "73b2c05d", "00412895", "a9e4d611"],
        used: ["1f0c9a7e", "00412895", "a9e4d611"]),
    Layout(
        name: "used with a date like a code", text: "1f0c9a7e (used on 20240105)\n73b2c05d\na9e4d611",
        codes: ["1f0c9a7e", "73b2c05d", "a9e4d611"], used: ["1f0c9a7e"]),
    Layout(
        name: "Russian notes", text: "1f0c9a7e (использован)\ndeadbeef\n73b2c05d — исп.\n00412895 (не использован)",
        codes: Array(hexadecimal[..<4]), used: ["1f0c9a7e", "73b2c05d"]),
    Layout(
        name: "tasks", text: "- [x] 1f0c9a7e\n- [ ] deadbeef\n- [X] 73b2c05d\n- [ ] 00412895",
        codes: Array(hexadecimal[..<4]), used: ["1f0c9a7e", "73b2c05d"]),
    Layout(
        name: "boxes in columns", text: "☑ 1f0c9a7e  ☐ deadbeef\n☐ 73b2c05d  ☑ 00412895",
        codes: Array(hexadecimal[..<4]), used: ["1f0c9a7e", "00412895"]),
    Layout(
        name: "ticks behind some", text: "1f0c9a7e ✓\ndeadbeef\n73b2c05d ✔\n00412895",
        codes: Array(hexadecimal[..<4]), used: ["1f0c9a7e", "73b2c05d"]),
    Layout(
        name: "struck out", text: "~~1f0c9a7e~~\ndeadbeef\n* ~~73b2c05d~~", codes: Array(hexadecimal[..<3]),
        used: ["1f0c9a7e", "73b2c05d"]),
    Layout(
        name: "sections", text: "Used codes:\n1f0c9a7e\ndeadbeef\n\nRemaining:\n73b2c05d\n00412895",
        codes: Array(hexadecimal[..<4]), used: ["1f0c9a7e", "deadbeef"], ignoredLines: 2),
    Layout(
        name: "other notes", text: "1f0c9a7e (laptop)\ndeadbeef\n73b2c05d for the phone",
        codes: Array(hexadecimal[..<3])),
    // Duplicates and odd ones.
    Layout(
        name: "duplicates", text: "1f0c9a7e\n73b2c05d\n1f0c9a7e\n73b2c05d (used)\na9e4d611",
        codes: ["1f0c9a7e", "73b2c05d", "a9e4d611"], used: ["73b2c05d"], duplicates: 2),
    Layout(
        name: "a code cut off", text: "1f0c9a7e\n73b2c05d\na9e4d6\n00412895",
        codes: ["1f0c9a7e", "73b2c05d", "00412895"], ignoredLines: 1, leftOut: 1),
    // One code alone.
    Layout(name: "one code", text: "1f0c9a7e", codes: ["1f0c9a7e"]),
    Layout(name: "one code and an end", text: "  1f0c9a7e \n", codes: ["1f0c9a7e"]),
    Layout(name: "one code with a label", text: "Code: 1f0c9a7e", codes: ["1f0c9a7e"]),
    Layout(
        name: "one code and a date", text: "Recovery code: ABCD-1234-EFGH\nIssued: 20240105", codes: ["ABCD-1234-EFGH"],
        ignoredLines: 1),
    Layout(
        name: "groups of two at the end", text: "a1b2c3-d4\nb2c3d4-e5\n123456-15",
        codes: ["a1b2c3-d4", "b2c3d4-e5", "123456-15"]),
    Layout(
        name: "dashes behind", text: "1f0c9a7e -\ndeadbeef–\n73b2c05d-", codes: Array(hexadecimal[..<3])),
    // Other services.
    Layout(
        name: "GitHub", text: dashed.joined(separator: "\n") + "\n", codes: dashed,
        shape: "10 hexadecimal characters (xxxxx-xxxxx)"),
    Layout(name: "GitHub in two columns", text: columns(dashed, of: 2, separatedBy: "\t"), codes: dashed),
    Layout(
        name: "GitHub with a word processor's dashes",
        text: dashed.map { String($0.map { $0 == "-" ? "\u{2011}" : $0 }) }.joined(separator: "\n"), codes: dashed),
    Layout(
        name: "Google, a pair a line", text: pairs.joined(separator: "\n"), codes: pairCodes, shape: "8 digits"),
    Layout(
        name: "Google's download",
        text: "SAVE YOUR BACKUP CODES\nKeep these backup codes somewhere safe but accessible.\n\n"
            + "1. 1234 5678\t\t 4. 5647 3829\n2. 8765 4321\t\t 5. 9182 7364\n3. 1029 3847\t\t 6. 4455 6677\n\n"
            + "(user@gmail.com)\n\n* You can only use each backup code once.\n"
            + "* Need more? Visit https://g.co/2sv\n* You generated these codes on: Jan 15, 2024.",
        codes: ["12345678", "56473829", "87654321", "91827364", "10293847", "44556677"], ignoredLines: 6),
    Layout(
        name: "Google with one used",
        text: "1. 1234 5678\t6. 5647 3829\n2. ALREADY USED\t7. 9182 7364\n3. 1029 3847\t8. ALREADY USED",
        codes: ["12345678", "56473829", "91827364", "10293847"]),
    Layout(name: "Google with boxes", text: pairs.map { "☐ " + $0 }.joined(separator: "\n"), codes: pairCodes),
    Layout(
        name: "Google in columns by one space", text: columns(pairs, of: 2, separatedBy: " "), codes: pairCodes),
    Layout(name: "Google in columns of spaces", text: columns(pairs, of: 2, separatedBy: "   "), codes: pairCodes),
    Layout(
        name: "Google with no-break spaces",
        text: pairs.map { $0.replacing(" ", with: "\u{A0}") }.joined(separator: "\n"), codes: pairCodes),
    Layout(name: "Google, one pair", text: "1234 5678", codes: ["12345678"]),
    Layout(name: "four digits a line", text: "1234\n5678\n9012", codes: ["1234", "5678", "9012"], shape: "4 digits"),
    Layout(name: "six digits", text: "123456\n654321\n102938", codes: ["123456", "654321", "102938"]),
    Layout(name: "six digits by a space", text: "123456 654321 102938", codes: ["123456", "654321", "102938"]),
    Layout(name: "six digits in halves", text: "123 456\n654 321\n102 938", codes: ["123456", "654321", "102938"]),
    Layout(
        name: "Dropbox", text: "a1b2 c3d4\nqwer 12ty\nz9y8 x7w6", codes: ["a1b2c3d4", "qwer12ty", "z9y8x7w6"],
        shape: "8 letters and digits"),
    Layout(
        name: "eight letters and digits", text: "Recovery\n\nq1w2e3r4\nqwertyui\nz9x8c7v6",
        codes: ["q1w2e3r4", "qwertyui", "z9x8c7v6"], ignoredLines: 1),
    Layout(
        name: "ten characters in both cases", text: "Passphrase\naB3dE6gH1j\nZx9Yw8Vu7T\nQwErTyUiOp\nmN2bV4cX6z",
        codes: ["aB3dE6gH1j", "Zx9Yw8Vu7T", "QwErTyUiOp", "mN2bV4cX6z"], ignoredLines: 1),
    Layout(
        name: "sixteen digits with hyphens", text: "1234-5678-9012-3456\n6543-2109-8765-4321",
        codes: ["1234-5678-9012-3456", "6543-2109-8765-4321"], shape: "16 digits (xxxx-xxxx-xxxx-xxxx)"),
    Layout(
        name: "Discord",
        text: "These are your Discord backup codes for account someone#1234. Keep them safe!\n\n"
            + "* a1b2-c3d4\n* wxyz-abcd\n* 9f8e-7d6c (used)\n* q0p9-m2n1",
        codes: ["a1b2-c3d4", "wxyz-abcd", "9f8e-7d6c", "q0p9-m2n1"], used: ["9f8e-7d6c"], ignoredLines: 1),
    Layout(
        name: "Microsoft's recovery code", text: "Your code is: ABCDE-12345-FGHIJ-67890-KLMNO",
        codes: ["ABCDE-12345-FGHIJ-67890-KLMNO"]),
    Layout(
        name: "Bitwarden's recovery code", text: "a1b2 c3d4 e5f6 ghij k9l0 mnop q3r4 s5t6",
        codes: ["a1b2c3d4e5f6ghijk9l0mnopq3r4s5t6"]),
    Layout(
        name: "npm's 64 characters",
        text: (1...5).map { String(repeating: "\($0)a0f", count: 16) }.joined(separator: "\n"),
        codes: (1...5).map { String(repeating: "\($0)a0f", count: 16) }),
    Layout(
        name: "an identifier", text: "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        codes: ["6ba7b810-9dad-11d1-80b4-00c04fd430c8"]),
]

struct BackupCodeTextTests {
    private static func parse(_ bytes: [UInt8]) throws(BackupCodeTextError) -> BackupCodeText.Parsed {
        let text = SecretBytes(copying: bytes)
        return try BackupCodeText.parse(text.span)
    }

    private static func failure(_ bytes: [UInt8]) -> BackupCodeTextError? {
        do {
            _ = try parse(bytes)
            return nil
        } catch {
            return error
        }
    }

    private static func text(_ slice: SecretSlice) -> String {
        let span = slice.span
        return String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
    }

    @Test func `real lists are understood`() throws {
        for layout in layouts {
            let name = Comment(rawValue: layout.name)
            let parsed: BackupCodeText.Parsed
            do {
                parsed = try Self.parse(Array(layout.text.utf8))
            } catch {
                Issue.record("\(layout.name): \(error)")
                continue
            }
            let codes = parsed.codes.map(Self.text)
            let used = zip(codes, parsed.used).filter(\.1).map(\.0)
            #expect(codes == layout.codes, name)
            #expect(used == layout.used, name)
            #expect(parsed.used.count == codes.count, name)
            #expect(parsed.duplicates == layout.duplicates, name)
            #expect(parsed.ignoredLines == layout.ignoredLines, name)
            #expect(parsed.leftOut == layout.leftOut, name)
            if let shape = layout.shape { #expect(parsed.shape == shape, name) }
            for code in codes { #expect(!parsed.summary.contains(code), name) }
        }
        print("backup code layouts: \(layouts.count)")
        #expect(layouts.count >= 25)
    }

    @Test(arguments: [
        "", " \n\t\r\n ", "\u{FEFF}", "---", "1. 2. 3.", "☐ ☐ ☐",
        "Сохраните эти коды в надёжном месте. У вас есть 10 кодов, каждый можно использовать один раз.",
        "Keep your backup codes safe. You have 10 codes left.\nVisit https://example.com/a1b2c3d4 for more.",
        "You generated these codes on January 15 2024.", "Please call 88005553535 for help.",
        "user1234@example.com", "2024-01-15\n15-01-2024", "well-known drag-drop read-only",
        "password\nrecovery", "abc\nx1y", "12:34\n14:05:33", "Microsoft Office365 recovery codes",
        String(repeating: "a1", count: 33),
    ])
    func `a text without codes is refused`(text: String) {
        #expect(Self.failure(Array(text.utf8)) == .noCodes)
    }

    @Test func `UTF-16 is refused by its own name`() {
        let text = hexadecimal.joined(separator: "\r\n")
        let little = text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let big = text.utf16.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        #expect(Self.failure([0xFF, 0xFE] + little) == .utf16)
        #expect(Self.failure([0xFE, 0xFF] + big) == .utf16)
        #expect(Self.failure(little) == .utf16)
        #expect(Self.failure(big) == .utf16)
    }

    @Test func `what is no text is refused`() {
        #expect(Self.failure(Array("1f0c9a7e\u{0}73b2c05d".utf8)) == .notText)
        #expect(Self.failure([0]) == .notText)
        #expect(Self.failure([0x31, 0xC3, 0x28]) == .notText)
        // Russian in Windows-1251.
        #expect(Self.failure([0xCA, 0xEE, 0xE4, 0xFB, 0x3A, 0x20] + Array("1f0c9a7e".utf8)) == .notText)
    }

    @Test func `the limits are met exactly`() throws {
        func codes(_ count: Int) -> [String] {
            (0..<count).map { number in
                let digits = String(number * 7919 % 65521, radix: 16)
                return "c0de" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        let most = codes(256)
        #expect(try Self.parse(Array(most.joined(separator: "\n").utf8)).codes.map(Self.text) == most)
        let more = Array(codes(257).joined(separator: "\n").utf8)
        #expect(Self.failure(more) == .tooManyCodes(maximum: 256))
        // Duplicates do not count against the limit.
        let twice = try Self.parse(Array((most + most).joined(separator: "\n").utf8))
        #expect(twice.codes.count == 256 && twice.duplicates == 256)

        let spaces = [UInt8](repeating: 0x20, count: 64 * 1024 - 8)
        #expect(try Self.parse(Array("1f0c9a7e".utf8) + spaces).codes.count == 1)
        #expect(Self.failure(Array("1f0c9a7e1".utf8) + spaces) == .tooLong(maximumBytes: 64 * 1024))

        #expect(try Self.parse(Array(String(repeating: "a1", count: 32).utf8)).codes.count == 1)
        #expect(Self.failure(Array((String(repeating: "a1", count: 32) + "a").utf8)) == .noCodes)
        #expect(try Self.parse(Array("a1b2".utf8)).codes.count == 1)
        #expect(Self.failure(Array("a1b".utf8)) == .noCodes)
    }

    @Test func `the summary says what was understood`() throws {
        let text = "Codes\n1f0c9a7e (used)\n73b2c05d\n73b2c05d\na9e4d6\nabad1dea\n"
        let parsed = try Self.parse(Array(text.utf8))
        #expect(
            parsed.summary == "3 codes of 8 hexadecimal characters; 1 already used; 1 repeated and dropped; "
                + "1 of another shape left out; 2 other lines")
        #expect(try Self.parse(Array("1234 5678".utf8)).summary == "1 code of 8 digits")
    }

    @Test func `random texts never trap, and what is found keeps every promise`() {
        var random = SystemRandomNumberGenerator()
        let seed = random.next()
        print("random texts with codes: seed \(seed)")
        var generator = SeededRandom(seed: seed)
        let alphabet = Array(
            "0123456789abcdefABCDEFxyzQ -\t\n\r.,;:|()[]x~#*`'\"<>=/@_•☐☑✓✗—–№Жиé日\u{FEFF}\u{200B}\u{A0}😀"
                .unicodeScalars)
        let samples = layouts.map { Array($0.text.unicodeScalars) }
        var readCount = 0
        for round in 0..<3_000 {
            var bytes: [UInt8]
            switch round % 3 {
            case 0:
                bytes = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
            case 1:
                var text = String.UnicodeScalarView()
                for _ in 0..<Int.random(in: 0...300, using: &generator) {
                    text.append(alphabet.randomElement(using: &generator) ?? "a")
                }
                bytes = Array(String(text).utf8)
            default:
                var scalars = samples.randomElement(using: &generator) ?? []
                for _ in 0..<Int.random(in: 1...6, using: &generator) where !scalars.isEmpty {
                    let index = Int.random(in: 0..<scalars.count, using: &generator)
                    switch generator.next() % 3 {
                    case 0: scalars[index] = alphabet.randomElement(using: &generator) ?? "a"
                    case 1: scalars.remove(at: index)
                    default: scalars.insert(alphabet.randomElement(using: &generator) ?? "a", at: index)
                    }
                }
                var text = String.UnicodeScalarView()
                text.append(contentsOf: scalars)
                bytes = Array(String(text).utf8)
            }
            if round % 17 == 0, !bytes.isEmpty { bytes.removeLast() }
            guard let parsed = try? Self.parse(bytes) else { continue }
            readCount += 1
            let codes = parsed.codes.map(Self.text)
            #expect(BackupCodeText.codes.contains(codes.count), "seed \(seed), round \(round)")
            #expect(parsed.used.count == codes.count, "seed \(seed), round \(round)")
            #expect(Set(codes).count == codes.count, "seed \(seed), round \(round)")
            #expect(parsed.ignoredLines >= 0 && parsed.leftOut >= 0, "seed \(seed), round \(round)")
            for code in codes {
                let isCode = code.utf8.allSatisfy { $0 == 0x2D || Character(Unicode.Scalar($0)).isASCIIAlphanumeric }
                #expect(isCode && BackupCodeText.codeCount.contains(code.utf8.count), "seed \(seed), round \(round)")
            }
        }
        print("random texts with codes: \(readCount) of 3000 gave some")
        #expect(readCount > 300)
    }

    @Test func `the longest texts are read in good time`() {
        // No time is asserted; a text that took quadratic time would be felt.
        let unit = ["a1b2 ", "1 ", "(", "a1b2c3d4\n", "-", "é ", "1234 5678 ", "used ", "1.", ": "]
        var texts = unit.map { String(repeating: $0, count: BackupCodeText.textCount / $0.utf8.count) }
        let many = String(repeating: "1 ", count: 16_000)
        texts.append("a1b2c3d4 used " + many + many)
        texts.append("☐ " + many + String(repeating: "a1b2c3d4 ", count: 3_600))
        texts.append(String(repeating: "a1b2c3d4 code12 ", count: 4_000))
        for text in texts { _ = Self.failure(Array(text.utf8)) }
    }
}

extension Character {
    fileprivate var isASCIIAlphanumeric: Bool { isASCII && (isLetter || isNumber) }
}
