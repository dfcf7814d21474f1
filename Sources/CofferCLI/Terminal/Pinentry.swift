/// Asks through a pinentry program, which shows a window or a dialog of its own (docs/cli.md, "Asking").
import CofferMemory
import Glibc

package struct Pinentry: Sendable {
    /// What a person is shown; nothing of it is secret.
    struct Question {
        /// Whole sentences.
        let text: String
        /// What stands before the field.
        let label: String
        /// What was wrong with the answer before.
        var slip: String?
    }

    private let path: String
    private let turnFolder: String?

    /// The program at `path`. Of those with one `turnFolder` only one asks at a time.
    package init(path: String, turnFolder: String? = AskingTurn.folder()) {
        (self.path, self.turnFolder) = (path, turnFolder)
    }

    func askSecret(_ question: Question, what: String, maximumBytes: Int) throws(CLIError) -> SecretBytes {
        var talk = try PinentryConversation.begin(path, turnFolder)
        return try talk.secret(question, what: what, maximumBytes: maximumBytes)
    }

    /// Asks twice, as ``TerminalPrompt/askNewSecret(prompt:repeatPrompt:or:what:maximumBytes:)`` does.
    func askNewSecret(
        _ question: Question, again: Question, what: String, maximumBytes: Int, slipsMaximum: Int
    ) throws(CLIError) -> SecretBytes {
        var talk = try PinentryConversation.begin(path, turnFolder)
        var question = question
        for attempt in 0...slipsMaximum {
            let first = try talk.secret(question, what: what, maximumBytes: maximumBytes)
            guard first.count > 0 else {
                // The caller says what is wrong with an empty one.
                guard attempt < slipsMaximum else { return first }
                question.slip = "\(what) cannot be empty. Once more."
                continue
            }
            let second = try talk.secret(again, what: what, maximumBytes: maximumBytes)
            if first.isEqual(to: second) { return first }
            question.slip = "That was not the same both times. Once more."
        }
        throw .answersDiffer(what: what)
    }

    /// Whether the answer is yes; a dialog that is closed is no answer.
    package func confirm(_ text: String) throws(CLIError) -> Bool {
        var talk = try PinentryConversation.begin(path, turnFolder)
        return try talk.confirm(text)
    }
}
