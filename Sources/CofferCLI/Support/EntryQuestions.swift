/// Asks on the terminal for what a new entry lacks.
import CofferMemory
import CofferModel
import CofferOTP
import CofferVault

struct EntryQuestions {
    let prompt: TerminalPrompt

    private static let absence = CLIError.Question.value(
        what: "the entry's fields", option: "the options of coffer add")
    private static let defaultUserDomain = "users"

    /// Asks for what `template` has and `new` lacks. An empty answer leaves a field out.
    func complete(_ new: inout NewEntry, _ template: AddCommand.Template) throws {
        switch template {
        case .note:
            if new.notes == nil { new.notes = try lines("Notes, then Enter on an empty line:\n") }
        case .login:
            if new.username == nil { new.username = try line("User name: ") }
            if new.password == nil { new.password = try secret("Password: ") }
        case .apiKey:
            if new.username == nil { new.username = try line("Key id or user name: ") }
            if new.password == nil { new.password = try secret("Key: ") }
        case .vkCloud: try completeVKCloud(&new)
        }
    }

    private func completeVKCloud(_ new: inout NewEntry) throws {
        Output.message("Everything is optional: press Enter to leave it out.")
        if new.username == nil { new.username = try line("E-mail: ") }
        if new.password == nil { new.password = try secret("Password: ") }
        let account = new.username ?? ""
        new.otp = try untilUnderstood {
            try secret("TOTP key or otpauth URI: ").map { key in
                SecretSlice(OTPAuthURI.serialize(try OTPInput.parse(key.span, account: account)))
            }
        }
        new.codes = try untilUnderstood {
            try lines("Backup codes (paste the list, then Enter on an empty line):\n").map { list in
                try CodesInput.parse(list.span)
            }
        }
        for (label, name) in [("Project id: ", "project-id"), ("Region: ", "region"), ("Auth URL: ", "auth-url")] {
            if let text = try line(label) { new.fields.append(Self.plain(name, text)) }
        }
        new.fields.append(Self.userDomain(try line("User domain [\(Self.defaultUserDomain)]: ") ?? ""))
    }

    /// Asks again where an answer is not understood: one slip should not cost all answers before it.
    private func untilUnderstood<Answer>(_ ask: () throws -> Answer?) throws -> Answer? {
        while true {
            do {
                return try ask()
            } catch let error where error is OTPError || error is BackupCodeTextError {
                Output.message(ErrorReport(error).sentences)
            }
        }
    }

    static func userDomain(_ text: String) -> (name: String, value: SecretSlice, isSecret: Bool) {
        plain("user-domain", text.isEmpty ? defaultUserDomain : text)
    }

    private static func plain(_ name: String, _ text: String) -> (name: String, value: SecretSlice, isSecret: Bool) {
        (name, SecretSlice(copying: Array(text.utf8)), false)
    }

    private func line(_ label: String) throws -> String? {
        let text = try prompt.askLine(prompt: label, or: Self.absence, maximumBytes: 1024)
        return text.isEmpty ? nil : text
    }

    private func secret(_ label: String) throws -> SecretSlice? {
        let text = try prompt.askSecret(prompt: label, or: Self.absence, what: "The value", maximumBytes: 4094)
        return text.count == 0 ? nil : SecretSlice(text)
    }

    private func lines(_ label: String) throws -> SecretSlice? {
        let text = SecretSlice(try prompt.askLines(prompt: label, hidden: true, or: Self.absence))
        return text.count == 0 ? nil : text.withoutFinalLineFeed
    }
}
