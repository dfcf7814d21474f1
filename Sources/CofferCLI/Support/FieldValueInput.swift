/// Reads the value of one field from where the options say: a descriptor, standard input, the generator or the terminal.
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
        let span = bytes.span
        var count = span.count
        guard count > 0, span[count - 1] == UInt8(ascii: "\n") else { return bytes }
        count -= 1
        let isOneLine = target != .secret(.notes)
        if isOneLine, count > 0, span[count - 1] == UInt8(ascii: "\r") { count -= 1 }
        return bytes.extracting(0..<count)
    }
}
