/// Asks on the terminal for what a new entry lacks.
import CofferMemory
import CofferModel
import CofferOTP
import CofferVault

struct EntryQuestions {
    let prompt: TerminalPrompt
    /// Where a shared account is looked up.
    let session: any Session

    private static let absence = CLIError.Question.value(
        what: "the entry's fields", option: "the options of coffer add")

    /// Asks for what `template` has and `new` lacks. An empty answer leaves a field out.
    func complete(_ new: inout NewEntry, _ template: EntryTemplate) throws {
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
        case .vkProject: try completeProject(&new)
        case .vkServiceAccount: try completeServiceAccount(&new)
        case .s3Keys: try completeObjectStorage(&new)
        case .sshKey: try completeSSHKey(&new)
        }
    }

    private func completeProject(_ new: inout NewEntry) throws {
        Output.message("Everything but the account is optional: press Enter to leave it out.")
        let account = try line("Entry of the account: ")
        guard let account else { throw CLIError.emptyValue(what: "account") }
        new.fields.append(
            Self.plain("account", SharedAccount.reference(to: try session.find(EntryQuery(account), .nothing))))
        try completeCloud(&new)
    }

    private func completeServiceAccount(_ new: inout NewEntry) throws {
        Output.message("Give a user name and password, or an application credential: Enter leaves the others out.")
        if new.username == nil { new.username = try line("User name: ") }
        if new.password == nil { new.password = try secret("Password: ") }
        if let id = try line("Application credential id: ") {
            new.fields.append(Self.plain("application-credential-id", id))
            if let text = try secret("Application credential secret: ") {
                new.fields.append(("application-credential-secret", text, true))
            }
        }
        try completeCloud(&new)
        if new.username != nil {
            new.fields.append(Self.userDomain(try line("User domain [\(CloudEntry.defaultUserDomain)]: ") ?? ""))
        }
    }

    private func completeCloud(_ new: inout NewEntry) throws {
        for (label, name) in [("Project id: ", "project-id"), ("Region: ", "region"), ("Auth URL: ", "auth-url")] {
            if let text = try line(label) { new.fields.append(Self.plain(name, text)) }
        }
    }

    private func completeObjectStorage(_ new: inout NewEntry) throws {
        if let id = try line("Access key id: ") { new.fields.append(Self.plain(ObjectStorageKeys.accessKeyID, id)) }
        if let key = try secret("Secret access key: ") {
            new.fields.append((ObjectStorageKeys.secretAccessKey, key, true))
        }
        for (label, name) in [("Endpoint: ", ObjectStorageKeys.endpoint), ("Region: ", ObjectStorageKeys.region)] {
            if let text = try line(label) { new.fields.append(Self.plain(name, text)) }
        }
    }

    private func completeSSHKey(_ new: inout NewEntry) throws {
        if new.username == nil { new.username = try line("User name on the server: ") }
        if new.password == nil { new.password = try secret("Passphrase of the key (Enter: none): ") }
        guard !new.fields.contains(where: { $0.name == SSHKeyFile.privateKey }) else { return }
        guard let path = try line("File with the private key: ") else { throw CLIError.emptyValue(what: "private key") }
        new.fields += try SSHKeyFile.fields(path)
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
        try completeCloud(&new)
        new.fields.append(Self.userDomain(try line("User domain [\(CloudEntry.defaultUserDomain)]: ") ?? ""))
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
        plain("user-domain", text.isEmpty ? CloudEntry.defaultUserDomain : text)
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
