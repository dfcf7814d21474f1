/// Makes an entry of a cloud's settings, or puts them into one.
import CofferExchange
import CofferMemory
import CofferModel
import CofferVault

struct CloudImport {
    let settings: CloudSettings
    /// The settings that the file asks for when it is run.
    let asked: [String]
    let title: String
    let account: Entry?
    let isDuplicateAllowed: Bool
    let session: any Session
    let prompt: TerminalPrompt

    /// What the account has, and the entry need not have.
    private static let ofAccount: Set<FieldName> = [
        .username, .password, .custom("user-domain"), .custom("user-domain-id"),
    ]

    /// The password of one user does not open the project of another.
    func refuseOtherUser() throws {
        guard let account, let user = settings["username"]?.plainText, let known = account.username, user != known
        else { return }
        throw VaultError.refused(
            why: "the file is for the user \(user), and \(account.title) has \(known); nothing was changed",
            remedy: "Name the account of that user, or leave --account out.")
    }

    private var fields: [CloudFields.Field] {
        let all = CloudFields.fields(of: settings)
        return account == nil ? all : all.filter { !Self.ofAccount.contains($0.name) }
    }

    private var reference: SecretSlice? {
        account.map { SecretSlice(copying: Array(SharedAccount.reference(to: $0).utf8)) }
    }

    /// A project of its own shares nothing that it does not have itself.
    func refuseProjectAsAccount(_ target: Entry?) throws {
        guard let account, SharedAccount.reference(in: account) != nil || account.id == target?.id else { return }
        throw VaultError.refused(
            why:
                "the entry \(account.title) is no account of its own: it is the project, or shares an account itself; nothing was changed",
            remedy: "Name the entry that has the user name and the password.")
    }

    /// The new entry; asks for what the file leaves open, unless that is said by `isDryRun` to be of no use.
    func newEntry(isDryRun: Bool) throws -> NewEntry {
        var new = NewEntry(title: title)
        new.template = (account == nil ? EntryTemplate.vkCloud : .vkProject).rawValue
        for field in fields {
            switch (field.name, field.value) {
            case (.username, .text(let text)): new.username = text.plainText
            case (.password, .text(let text)): new.password = text
            case (.custom(let name), .marked(let text, let isSecret)): new.fields.append((name, text, isSecret))
            default: continue
            }
        }
        if let reference, let name = SharedAccount.field.displayName { new.fields.append((name, reference, false)) }
        if !isDuplicateAllowed { try refuseDuplicate(new) }
        if isPasswordOpen && !isDryRun { new.password = try askPassword() }
        return new
    }

    private func refuseDuplicate(_ new: NewEntry) throws {
        guard try session.isTaken(title: title, username: new.username) else { return }
        throw VaultError.refused(
            why: "there is an entry \(title)\(new.username.map { " of \($0)" } ?? "") already; nothing was changed",
            remedy:
                "Put the settings into it: --into \(Shown.word(title)), with --cloud NAME where the file has several. Or pass --title or --duplicate."
        )
    }

    func sayAdded(_ new: NewEntry, isDryRun: Bool) {
        say(isDryRun ? "Would add" : "Added", fields.map(\.name))
        if isPasswordOpen && new.password == nil && !isDryRun { sayPasswordMissing(title) }
        sayWhatIsLeft()
    }

    func change(_ entry: Entry, isDryRun: Bool) throws {
        var drafts: [Draft] = []
        for field in fields { drafts += try session.drafts(entry, field.name, field.value) }
        if let reference {
            drafts += try session.drafts(entry, SharedAccount.field, .marked(reference, false))
            // One that shares an account has no copies.
            for field in Self.ofAccount { drafts += try session.drafts(entry, field, .removed) }
        }
        for field in replaced(entry) { drafts += try session.drafts(entry, field, .removed) }
        guard !isDryRun || drafts.isEmpty else { return say("Would change", drafts.map(\.field), of: entry.title) }
        guard try session.change(entry, drafts) else {
            return Output.message("Nothing to change: \(Shown.text(entry.title)) has all of that.")
        }
        say("Changed", drafts.map(\.field), of: entry.title)
        if isPasswordOpen && entry.text(.password) == nil { sayPasswordMissing(entry.title) }
        sayWhatIsLeft()
    }

    /// Settings that name the same thing in another way: the project of the file in place of the one before, not beside it.
    private func replaced(_ entry: Entry) -> [FieldName] {
        let given = Set(fields.map(\.name))
        return Self.alternatives.flatMap { group in
            given.isDisjoint(with: group) ? [] : group.filter { !given.contains($0) && entry.text($0) != nil }
        }
    }

    private static let alternatives: [[FieldName]] = [
        ["project-id", "project-name", "project-domain", "project-domain-id"].map { .custom($0) },
        ["user-domain", "user-domain-id"].map { .custom($0) },
        ["application-credential-id", "application-credential-name"].map { .custom($0) },
    ]

    /// What the file asks a person for.
    private func sayWhatIsLeft() {
        let open = asked.filter { key in
            guard key != "password", let field = CloudFields.field(of: key) else { return false }
            return account == nil || !Self.ofAccount.contains(field)
        }
        for key in open {
            Output.message("coffer: left out \(Shown.text(key)), which is only known where the file is run.")
        }
    }

    private var isPasswordOpen: Bool {
        account == nil && settings["password"] == nil && settings["application_credential_secret"] == nil
    }

    private func askPassword() throws -> SecretSlice? {
        guard prompt.isAvailable else { return nil }
        let user = settings["username"]?.plainText ?? title
        let text = try prompt.askSecret(
            prompt: "Password of \(user) (Enter leaves it out): ",
            or: .value(what: "the password", option: "--account TITLE"),
            maximumBytes: 4094)
        return text.count == 0 ? nil : SecretSlice(text)
    }

    private func sayPasswordMissing(_ title: String) {
        Output.message("The file has no password. Give it: \(Shown.command("set", title, "password"))")
    }

    private func say(_ verb: String, _ fields: [FieldName], of name: String? = nil) {
        let names = fields.map { $0.displayName ?? "field" }.sorted()
        let sharing = account.map { ", with the account \(Shown.text($0.title))" } ?? ""
        Output.message("\(verb) \(Shown.text(name ?? title)): \(Shown.text(names.joined(separator: ", ")))\(sharing).")
        for key in settings.omitted {
            Output.message("coffer: left out \(Shown.text(key)), which is a list or a structure.")
        }
    }
}
