/// Text that is not secret, as messages may show it.

enum Shown {
    /// `text` with everything spelled out that a terminal would act on.
    static func text(_ text: String) -> String { escapedForTerminal(text) }

    /// `name` as it can be pasted into a shell.
    static func word(_ name: String) -> String {
        let isPlain = !name.isEmpty && name.utf8.allSatisfy { plainBytes.contains($0) }
        guard !isPlain else { return name }
        // Inside single quotes only the quote itself is special to a shell.
        return "'" + name.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    private static let plainBytes = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%+=:,./-_".utf8)
}
