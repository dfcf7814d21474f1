/// Text that is not secret, as messages may show it.

enum Shown {
    /// `text` with everything spelled out that a terminal would act on.
    static func text(_ text: String) -> String { escapedForTerminal(text) }

    /// `text` as it can be pasted into a shell.
    static func word(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { plainBytes.contains($0) }
        guard !isPlain else { return text }
        let shown = escapedForTerminal(text)
        guard shown == text else { return spelledOut(text) }
        // Inside single quotes only the quote itself is special to a shell.
        let parts = shown.split(separator: "'", omittingEmptySubsequences: false)
        return "'" + parts.joined(separator: "'\\''") + "'"
    }

    /// With what a terminal would act on as the bash, zsh and ksh write it: $'…'.
    private static func spelledOut(_ text: String) -> String {
        let letters = text.unicodeScalars.map { scalar in
            let letter = String(scalar)
            guard letter == "'" || letter == "\\" || escapedForTerminal(letter) != letter else { return letter }
            return letter.utf8.map { byte in
                let digits = String(byte, radix: 16)
                return "\\x" + (digits.utf8.count == 1 ? "0" : "") + digits
            }.joined()
        }
        return "$'" + letters.joined() + "'"
    }

    /// A command line that can be pasted: `name` with its options, then `words`, behind `--` where one of them would be
    /// taken for an option.
    static func command(_ name: String, _ words: String...) -> String {
        let end = words.contains { $0.hasPrefix("-") } ? ["--"] : []
        return (["coffer", name] + end + words.map(word)).joined(separator: " ")
    }

    private static let plainBytes = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%+=:,./-_".utf8)
}
