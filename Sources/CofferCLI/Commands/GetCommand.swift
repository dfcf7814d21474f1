/// `coffer get`: one value, for scripts.
import ArgumentParser
import CofferMemory
import CofferModel
import CofferVault

struct GetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Print one value, for scripts.",
        discussion: """
            FIELD is password (the default), username, url, notes, otp (the current code), otp-secret, otp-uri, id, or the \
            name of a custom field. The value is followed by a newline and nothing else.

            With --clip nothing is printed: the value goes to the clipboard, and is cleared from there.

            Examples:
              OS_PASSWORD="$(coffer get work/vk-cloud)" && export OS_PASSWORD
              coffer get work/vk-cloud --clip
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions

    @Argument(help: "The field.")
    var field: String = "password"

    @OptionGroup var pickOptions: PickOptions
    @OptionGroup var clipOptions: ClipOptions

    func run() throws {
        let clipboard = try clipOptions.clipboard()
        let session = try vaultOptions.open()
        let entry = try session.find(entryOptions.query(), FieldReader.disclosure(field))
        let value = try FieldReader(session: session, entry: entry, pick: try pickOptions.pick).read(field)
        if let clipboard { return try clipboard.copy(value, Clipboard.name(of: field), of: entry.title) }
        try Output.standard.print(value: value.span, layout: field == "notes" ? .lines : .line)
    }
}
