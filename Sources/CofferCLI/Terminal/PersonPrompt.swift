/// Asks a person for a password or a yes: on the terminal, else through pinentry (docs/cli.md, "Asking").
package import CofferMemory

package struct PersonPrompt: Sendable {
    private let isForbidden: Bool
    private let terminal: TerminalPrompt

    /// `noInput` is the option of that name: no question is ever asked.
    package init(noInput: Bool = false) {
        isForbidden = noInput
        terminal = TerminalPrompt(noInput: noInput)
    }

    /// Whether a question can be asked.
    package var isAvailable: Bool {
        if case .pinentry? = try? way() { return true }
        return terminal.isAvailable
    }

    /// Asks for a secret: nothing of it is shown, nor what is typed until `use` has made use of it.
    ///
    /// - Parameters:
    ///   - label: What a dialog writes before its field.
    ///   - absence: What to refuse with when nobody can be asked.
    ///   - slip: What was wrong with the answer before, for a dialog: a terminal has been told.
    package func askSecret<Result>(
        prompt: String, label: String = "Password:", or absence: CLIError.Question = .unlocking,
        what: String = "The password", slip: String? = nil, maximumBytes: Int = 1024,
        hidingUntil use: (borrowing SecretBytes) throws -> Result
    ) throws -> Result {
        switch try way() {
        case .terminal:
            return try terminal.askSecret(
                prompt: prompt, or: absence, what: what, maximumBytes: maximumBytes, hidingUntil: use)
        case .pinentry(let pinentry):
            let question = Pinentry.Question(text: Self.withoutColon(prompt), label: label, slip: slip)
            return try use(try pinentry.askSecret(question, what: what, maximumBytes: maximumBytes))
        }
    }

    /// Asks for a secret twice and requires that both are the same; a slip may be mended twice.
    package func askNewSecret(
        prompt: String, repeatPrompt: String, label: String = "Password:", or absence: CLIError.Question,
        what: String = "The password", maximumBytes: Int = 1024
    ) throws -> SecretBytes {
        switch try way() {
        case .terminal:
            return try terminal.askNewSecret(
                prompt: prompt, repeatPrompt: repeatPrompt, or: absence, what: what, maximumBytes: maximumBytes)
        case .pinentry(let pinentry):
            return try pinentry.askNewSecret(
                Pinentry.Question(text: Self.withoutColon(prompt), label: label),
                again: Pinentry.Question(text: Self.withoutColon(repeatPrompt), label: label), what: what,
                maximumBytes: maximumBytes, slipsMaximum: TerminalPrompt.slipsMaximum)
        }
    }

    /// Asks until the answer is yes or no.
    ///
    /// `consequence` is a whole sentence for the refusal when nobody can be asked.
    package func confirm(prompt: String, consequence: String, option: String = "--yes") throws -> Bool {
        switch try way() {
        case .terminal: try terminal.confirm(prompt: prompt, consequence: consequence, option: option)
        case .pinentry(let pinentry): try pinentry.confirm(prompt)
        }
    }

    private enum Way {
        /// Which refuses when there is none.
        case terminal
        case pinentry(Pinentry)
    }

    private func way() throws -> Way {
        guard !isForbidden else { return .terminal }
        if try Settings.asksByPinentry {
            guard let path = try PinentryProgram.path() else { throw CLIError.pinentry(path: "pinentry", .missing) }
            return .pinentry(Pinentry(path: path))
        }
        if terminal.isAvailable { return .terminal }
        guard let path = try PinentryProgram.pathWithoutTerminal() else { return .terminal }
        return .pinentry(Pinentry(path: path))
    }

    /// A line that waits for its answer as a heading.
    private static func withoutColon(_ prompt: String) -> String {
        prompt.hasSuffix(": ") ? String(prompt.dropLast(2)) : prompt
    }
}
