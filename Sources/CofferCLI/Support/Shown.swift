/// Text that is not secret, as messages may show it.

enum Shown {
    /// `text` with everything spelled out that a terminal would act on.
    static func text(_ text: String) -> String { escapedForTerminal(text) }
}
