/// `coffer find`: entries that contain words.
import ArgumentParser
import CofferVault

struct FindCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find", abstract: "Find entries by words in title, user name, URLs, tags and plain fields.",
        discussion: """
            All words must occur; upper and lower case are the same. Secrets are looked at only with --secrets.

            Example:
              coffer find cloud example.com
            """,
        aliases: ["search"])

    @OptionGroup var vaultOptions: VaultOptions

    @Argument(help: "Words to look for.")
    var text: [String]

    @Flag(help: "Look into notes and secret fields too; this opens every entry.")
    var secrets = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        var wanted = ListEntries()
        wanted.words = text
        wanted.isInSecrets = secrets
        let list = try vaultOptions.open().list(wanted)
        try Listing.print(list, json: json)
        if list.items.isEmpty { throw CLIError.nothingFound(inSecrets: secrets) }
    }
}
