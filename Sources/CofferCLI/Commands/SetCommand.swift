/// `coffer set`: changes one field.
import ArgumentParser
import CofferMemory
import CofferMerge
import CofferModel
import CofferOTP
import CofferVault

struct SetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change one field of an entry.",
        discussion: """
            FIELD is password, username, url, tag, notes, otp (a key or an otpauth URI), template, title, or a name of \
            your own. A new field is secret unless --plain. VALUE is for fields that are not secret; secrets are asked \
            for, read from --value-fd or standard input (-), or generated. For url and tag, VALUE becomes the only one; \
            with --add it is one more. What the field held before stays in coffer history.

            Examples:
              coffer set work/vk-cloud password --generate
              coffer set work/vk-cloud region ru-moscow --plain
              coffer set work/vk-cloud tag prod --add
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions

    @Argument(help: "The field.")
    var field: String

    @Argument(help: "The value of a field that is not secret, or - for standard input.")
    var value: String?

    @Option(
        name: .customLong("value-fd"),
        help: ArgumentHelp("Read the value from this file descriptor, to its end.", valueName: "n"))
    var valueFD: Int?

    @Flag(help: "Generate the value.")
    var generate = false

    @OptionGroup var generateOptions: GenerateOptions

    @Flag(help: "Take the field away; for url and tag, only VALUE if it is given.")
    var remove = false

    @Flag(help: "For url and tag: keep those that are there.")
    var add = false

    @Flag(help: "Make a new field one that is not secret.")
    var plain = false

    @Flag(help: "Allow a second entry with this title and user name.")
    var duplicate = false

    private static let secretValue = "VALUE"
    private static let newSecretValue = "VALUE; a field that is not secret is made with --plain"

    // MARK: The command line

    func validate() throws {
        // First of all: what stands where a secret must not stand is not looked at any further.
        let target = try FieldTarget(field)
        if case .secret = target, value != nil && value != "-" {
            throw CLIError.secretAsArgument(option: Self.secretValue)
        }
        guard [value != nil, valueFD != nil, generate].count(where: { $0 }) <= 1 else {
            throw CLIError.usage(
                why: "Only one of VALUE, --value-fd and --generate can give the value.",
                remedy: "Leave out all but one.")
        }
        if target == .codes {
            throw CLIError.usage(
                why: "Backup codes have commands of their own.",
                remedy: "See: coffer codes add, coffer codes replace, coffer codes mark-used")
        }
        if target == .secret(.pendingOTP) {
            throw CLIError.usage(
                why: "A one-time password that waits for the service is no field that can be set.",
                remedy: "Begin, finish or drop it: coffer enrol TITLE, with --resume or --abort")
        }
        if add || remove { try checkElements(target) }
        if case .secret = target, plain {
            throw CLIError.usage(why: "That field is always secret.", remedy: "Leave out --plain.")
        }
        if generate { try checkGenerated(target) }
        try generateOptions.refuse(unless: generate)
    }

    private func checkElements(_ target: FieldTarget) throws {
        guard !(add && remove) else {
            throw CLIError.usage(why: "The options --add and --remove exclude each other.", remedy: "Leave one out.")
        }
        let hasElements = target.elementKind != nil
        guard hasElements || !add else {
            throw CLIError.usage(why: "Only url and tag can have several values.", remedy: "Leave out --add.")
        }
        guard !remove || (valueFD == nil && !generate && !plain && (value == nil || hasElements)) else {
            throw CLIError.usage(why: "With --remove there is no value to give.", remedy: "Leave the value out.")
        }
        if remove && target == .title {
            throw CLIError.usage(
                why: "An entry always has a title.", remedy: "To put the entry into the trash: coffer rm TITLE")
        }
    }

    private func checkGenerated(_ target: FieldTarget) throws {
        switch target {
        case .secret(.password), .custom: break
        default:
            throw CLIError.usage(
                why: "Only a password or a secret field of your own can be generated.", remedy: "Leave out --generate.")
        }
        if plain {
            throw CLIError.usage(
                why: "What is generated is a secret.", remedy: "Leave out one of --generate and --plain.")
        }
    }

    // MARK: The change

    func run() throws {
        let target = try FieldTarget(field)
        let session = try vaultOptions.open()
        let entry = try session.find(entryOptions.query(), .only([target.field].compactMap { $0 }))
        try refuseSecretValue(target, entry)
        let drafts = try remove ? removal(target, entry, session) : setting(target, entry, session)
        let wasInConflict = target.field.map(entry.conflicts.contains) ?? false
        let isChanged = try session.change(entry, drafts, isDuplicateAllowed: duplicate)
        say(target, entry, isChanged: isChanged, wasInConflict: wasInConflict)
    }

    /// A field of one's own is known to be secret only when the entry is open.
    private func refuseSecretValue(_ target: FieldTarget, _ entry: Entry) throws {
        guard case .custom = target, value != nil, value != "-" else { return }
        guard Self.isSecret(target, entry, plain: false) else { return }
        let isNew = target.field.flatMap(entry.value) == nil
        guard !(isNew && plain) else { return }
        throw CLIError.secretAsArgument(option: isNew ? Self.newSecretValue : Self.secretValue)
    }

    /// A field keeps what it is; a new one of one's own is secret unless `plain`.
    private static func isSecret(_ target: FieldTarget, _ entry: Entry, plain: Bool) -> Bool {
        switch target {
        case .title, .username, .template, .urls, .tags, .codes: return false
        case .secret: return true
        case .custom:
            guard !plain else { return false }
            // In a conflict, one secret value makes the field a secret.
            let heads = target.field.flatMap { entry.heads[$0] } ?? []
            let marks = heads.compactMap { head -> Bool? in
                guard case .marked(_, let isSecret)? = head.content?.value else { return nil }
                return isSecret
            }
            return marks.isEmpty || marks.contains(true)
        }
    }

    private func setting(_ target: FieldTarget, _ entry: Entry, _ session: any Session) throws -> [Draft] {
        let isSecret = Self.isSecret(target, entry, plain: plain)
        let given = try givenValue(FieldValueInput(target: target, isSecret: isSecret, prompt: vaultOptions.prompt))
        guard given.count > 0 else {
            throw CLIError.emptyValue(what: "value")
        }
        switch target {
        case .urls: return try session.drafts(entry, urls: (add ? entry.urls : []) + [given.plainText])
        case .tags: return try session.drafts(entry, tags: (add ? entry.tags : []) + [given.plainText])
        case .secret(.otp):
            let parameters = try OTPInput.parse(given.span, account: entry.username ?? "")
            return try session.drafts(entry, .otp, .text(SecretSlice(OTPAuthURI.serialize(parameters))))
        case .template: return try session.drafts(entry, .template, try Self.template(given.plainText))
        case .custom(let name): return try session.drafts(entry, .custom(name), .marked(given, isSecret))
        case .title, .username, .secret, .codes:
            guard let field = target.field else { return [] }
            return try session.drafts(entry, field, .text(given))
        }
    }

    private func givenValue(_ input: FieldValueInput) throws -> SecretSlice {
        if generate { return try generateOptions.generate() }
        if let valueFD { return try input.read(try SecretInput(descriptor: valueFD, option: "--value-fd")) }
        switch value {
        case "-": return try input.read(.standardInput(option: "-"))
        case let text?: return SecretSlice(copying: Array(text.utf8))
        case nil: return try input.ask()
        }
    }

    private static func template(_ name: String) throws -> FieldValue {
        guard let template = EntryTemplate(rawValue: name) else {
            throw CLIError.usage(
                why: "There is no such template; nothing was changed.",
                remedy: "The templates: " + EntryTemplate.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return template == .login ? .removed : .plain(template.rawValue)
    }

    private func removal(_ target: FieldTarget, _ entry: Entry, _ session: any Session) throws -> [Draft] {
        switch target {
        case .urls:
            return try session.drafts(entry, urls: try rest(of: entry.urls, "URL", entry))
        case .tags:
            return try session.drafts(entry, tags: try rest(of: entry.tags, "tag", entry))
        default:
            guard let field = target.field,
                entry.heads[field]?.contains(where: { $0.content?.value != .removed }) == true
            else { throw VaultError.notInEntry(what: target.name, title: entry.title) }
            return try session.drafts(entry, field, .removed)
        }
    }

    /// The elements that stay when VALUE goes, or all of them.
    private func rest(of elements: [String], _ what: String, _ entry: Entry) throws -> [String] {
        guard let value else {
            guard !elements.isEmpty else { throw VaultError.notInEntry(what: what, title: entry.title) }
            return []
        }
        let text = UnicodeText.composed(value)
        guard elements.contains(text) else {
            throw VaultError.notInEntry(what: "such \(what)", title: entry.title, near: elements)
        }
        return elements.filter { $0 != text }
    }

    private func say(_ target: FieldTarget, _ entry: Entry, isChanged: Bool, wasInConflict: Bool) {
        let (name, title) = (Shown.text(target.name), Shown.text(entry.title))
        guard isChanged else { return Output.message("Nothing to change: the \(name) of \(title) is that already.") }
        Output.message("\(remove ? "Took away" : "Set") the \(name) of \(title).")
        guard wasInConflict else { return }
        Output.message(
            "The field had several values; that settled it. The others: "
                + Shown.command("history --reveal", entry.title, target.name))
    }
}
