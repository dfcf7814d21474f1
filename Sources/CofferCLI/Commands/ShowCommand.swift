/// `coffer show`: an entry for people, secrets masked.
import ArgumentParser
import CofferMemory
import CofferMerge
import CofferModel
import CofferVault

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show an entry; secrets are masked.",
        discussion: """
            With --clip nothing is printed: the password, or the field that --field names, goes to the clipboard, and is \
            cleared from there.

            Examples:
              coffer show work/vk-cloud --reveal
              coffer show work/vk-cloud --field project-id --clip
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("Only this field.", valueName: "field"))
    var field: String?

    @Flag(help: "Show secrets.")
    var reveal = false

    @Flag(help: "Print JSON; secrets only with --reveal.")
    var json = false

    @OptionGroup var pickOptions: PickOptions
    @OptionGroup var clipOptions: ClipOptions

    func validate() throws {
        try clipOptions.refuse(json, beside: "--json")
        try clipOptions.refuse(reveal, beside: "--reveal")
        guard field == nil || !json else {
            throw CLIError.usage(
                why: "The options --field and --json exclude each other.",
                remedy: "Leave one out; one value for a script: coffer get TITLE FIELD")
        }
    }

    func run() throws {
        let clipboard = try clipOptions.clipboard()
        let session = try vaultOptions.open()
        let clipDisclosure: Disclosure = clipboard == nil ? .nothing : FieldReader.disclosure(field ?? "password")
        let entry = try session.findLiveFirst(entryOptions.query(), reveal ? .everything : clipDisclosure)
        if let clipboard {
            let name = field ?? "password"
            let value = try FieldReader(session: session, entry: entry, pick: try pickOptions.pick).read(name)
            return try clipboard.copy(value, Clipboard.name(of: name), of: entry.title)
        }
        if let field {
            let isSecret = Self.isSecret(field, entry)
            let value = try FieldReader(session: session, entry: entry, pick: try pickOptions.pick).read(field)
            guard reveal || !isSecret else { return try Output.standard.print(EntryCard.mask) }
            return try Output.standard.print(value: value.span, layout: field == "notes" ? .lines : .line)
        }
        if json {
            var json = JSONWriter(SecretBuilder(capacity: 16_384))
            var overview = Overview(entry)
            overview.codes = Overview.Codes(BackupCodes(entry))
            EntryJSON.write(id: entry.id, overview, secrets: try reveal ? revealed(entry, session) : nil, to: &json)
            let text = json.finish()
            return try Output.standard.write(text.span)
        }
        try EntryCard(session: session, entry: entry, isRevealed: reveal).print()
    }

    private func revealed(_ entry: Entry, _ session: any Session) throws -> EntryJSON.Revealed {
        EntryJSON.Revealed(
            entry: entry, oneTimePassword: session.shownOTPURI(entry),
            leavesOut: try pickOptions.pick == .newest ? [] : Set(entry.conflicts))
    }

    private static func isSecret(_ name: String, _ entry: Entry) -> Bool {
        switch name {
        case "id", "title", "username", "url", "tag", "template": return false
        default:
            guard case .marked(_, false)? = entry.value(FieldReader.field(name)) else { return true }
            return false
        }
    }
}
