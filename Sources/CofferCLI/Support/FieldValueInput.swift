/// Reads the value of one field from where the options say: a descriptor, standard input or the terminal.
import CofferFormat
import CofferMemory
import CofferModel
import CofferVault

struct FieldValueInput {
    let target: FieldTarget
    let isSecret: Bool
    let prompt: TerminalPrompt

    /// What a value may hold, and the line feed that ends it.
    private static let countMaximum = Limits.entryContentWritten / 4 + 2

    private var absence: CLIError.Question {
        .value(what: "the value", option: "--value-fd N, or - for standard input")
    }

    /// Everything that the descriptor gives, without the line feed at its end.
    func read(_ input: SecretInput) throws -> SecretSlice {
        guard !input.isTerminal else { return try ask() }
        let bytes = SecretSlice(try input.readAll(maximumBytes: Self.countMaximum))
        return withoutLineEnd(bytes)
    }

    /// One line for most fields, hidden when it is secret; a password is asked twice.
    func ask() throws -> SecretSlice {
        switch target {
        case .secret(.password):
            return SecretSlice(
                try prompt.askNewSecret(
                    prompt: "New password: ", repeatPrompt: "The same again: ", or: absence, maximumBytes: 4094))
        case .secret(.notes):
            return withoutLineEnd(
                SecretSlice(
                    try prompt.askLines(prompt: "Notes, then Enter on an empty line:\n", hidden: true, or: absence)))
        case .secret(.otp):
            return SecretSlice(
                try prompt.askSecret(
                    prompt: "TOTP key or otpauth URI: ", or: absence, what: "The key", maximumBytes: 4094))
        default:
            let label = "\(target.name): "
            guard isSecret else {
                return SecretSlice(copying: Array(try prompt.askLine(prompt: label, or: absence).utf8))
            }
            return SecretSlice(
                try prompt.askSecret(prompt: label, or: absence, what: "The value", maximumBytes: 4094))
        }
    }

    /// Only one line feed goes, so that text comes out as it went in; a password from a file with CR LF loses both.
    private func withoutLineEnd(_ bytes: SecretSlice) -> SecretSlice {
        let text = bytes.withoutFinalLineFeed
        guard text.count < bytes.count, target != .secret(.notes), text.count > 0,
            text.span[text.count - 1] == UInt8(ascii: "\r")
        else { return text }
        return text.extracting(0..<text.count - 1)
    }
}

extension SecretSlice {
    /// Without one line feed at the end, if there is one: text files end with one, values do not.
    var withoutFinalLineFeed: SecretSlice {
        guard count > 0, span[count - 1] == UInt8(ascii: "\n") else { return self }
        return extracting(0..<count - 1)
    }
}
