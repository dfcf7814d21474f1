/// `coffer login`: what signing in by hand needs, one copy after the other.
import ArgumentParser
import CofferMemory
import CofferModel
import CofferVault

struct LoginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Sign in by hand: copies user name, password and code in turn.",
        discussion: """
            Each press of Enter copies the next: the user name, the password, and a code that is valid for ten seconds at \
            least, for which it waits if need be. What the entry does not have is passed over. A counter-based code is \
            drawn, and the vault saved, when its turn comes. The clipboard is cleared after each as with --clip.

            Example:
              coffer login work/vk-cloud
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions
    @OptionGroup var pickOptions: PickOptions

    func validate() throws { _ = try pickOptions.pick }

    func run() throws {
        guard vaultOptions.prompt.isAvailable else { throw noTerminal }
        let clipboard = try Clipboard()
        let session = try vaultOptions.open()
        let entry = try session.find(entryOptions.query(), .only([.password]))
        let fields = [FieldName.username, .password, .otp]
        let steps = fields.filter { Self.isThere($0, entry) }
        guard !steps.isEmpty else {
            throw SharedAccount.absence(
                of: "user name, password or one-time password", fields, in: entry, session,
                near: entry.customFields(secret: true).map(\.name) + entry.customFields(secret: false).map(\.name))
        }
        try refuseConflicts(steps, entry)
        for field in fields {
            guard steps.contains(field) else {
                Output.message("\(Shown.text(entry.title)) has \(Self.absence(field)).")
                continue
            }
            try waitForEnter(Self.name(field), entry)
            try copy(field, session, entry, clipboard)
        }
    }

    private static func isThere(_ field: FieldName, _ entry: Entry) -> Bool { (entry.text(field)?.count ?? 0) > 0 }

    private static func name(_ field: FieldName) -> String {
        switch field {
        case .username: "the user name"
        case .password: "the password"
        default: "the code"
        }
    }

    private static func absence(_ field: FieldName) -> String {
        switch field {
        case .username: "no user name"
        case .password: "no password"
        default: "no one-time password"
        }
    }

    /// Before the first copy: a sign-in that would stop half-way is of no use.
    private func refuseConflicts(_ steps: [FieldName], _ entry: Entry) throws {
        guard try pickOptions.pick == .refuse, let field = steps.first(where: { entry.conflicts.contains($0) }) else {
            return
        }
        throw VaultError.conflict(title: entry.title, field: field.displayName ?? "field")
    }

    private func waitForEnter(_ what: String, _ entry: Entry) throws {
        do {
            _ = try vaultOptions.prompt.askLine(
                prompt: "Enter copies \(what) of \(entry.title): ", or: .value(what: "Enter", option: "--clip"))
        } catch CLIError.cancelled {
            // The end of input: what was copied is cleared as ever, and there is nothing to tell.
            throw CLIError.ended(.interrupted)
        }
    }

    private func copy(_ field: FieldName, _ session: any Session, _ entry: Entry, _ clipboard: Clipboard) throws {
        guard field == .otp else {
            guard let value = entry.text(field) else { return }
            return try clipboard.copy(value, Self.name(field), of: entry.title)
        }
        guard case .code(let code) = try code(session, entry) else {
            // The counter is saved before the code comes back.
            return try clipboard.copy(drawnCode: try session.drawHOTP(entry.id).code, of: entry.title)
        }
        let now = session.author.nowSeconds
        try FreshCodeWait.wait(toHandOn: code, now: now)
        guard case .code(let fresh) = try self.code(session, entry) else {
            throw VaultError.inUse(
                path: session.path, why: "the entry got a one-time password of another kind meanwhile")
        }
        let shown = OneTimeCode(fresh, atSeconds: Int64(clamping: now()))
        try clipboard.copy(shown, of: entry.title, isCurrent: true)
    }

    private func code(_ session: any Session, _ entry: Entry) throws -> OneTimeState {
        let query = EntryQuery("id:\(entry.id.hexadecimal)")
        let now = Int64(clamping: session.author.nowSeconds())
        return try session.oneTimeCode(query, picksNewest: true, atSeconds: now).state
    }

    private var noTerminal: CLIError {
        let name = entryOptions.spoken
        return .usage(
            why: "There is no terminal on which Enter could be pressed, or --no-input forbids it.",
            remedy:
                "One at a time: \(Shown.command("get --clip", name, "username")), \(Shown.command("get --clip", name)), "
                + Shown.command("otp --fresh 10 --clip", name))
    }
}
