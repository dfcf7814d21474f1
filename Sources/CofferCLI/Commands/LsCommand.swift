/// `coffer ls`: the entries there are.
import ArgumentParser
import CofferFormat
import CofferMerge
import CofferModel
import CofferVault

struct LsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "List entries.",
        discussion: "Example:\n  coffer ls work/ --tag prod",
        aliases: ["list"])

    @OptionGroup var vaultOptions: VaultOptions

    @Argument(help: "Only titles that start with this.")
    var prefix: String?

    @Option(help: ArgumentHelp("Only entries with this tag; several: all of them.", valueName: "tag"))
    var tag: [String] = []

    @Option(help: ArgumentHelp("Only entries with this user name.", valueName: "name"))
    var username: String?

    @Flag(help: "List the trash.")
    var trash = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        var wanted = ListEntries()
        wanted.states = trash ? [.trash] : [.live]
        wanted.prefix = prefix ?? ""
        wanted.tags = tag
        wanted.username = username
        let list = try vaultOptions.open().list(wanted)
        try Listing.print(list, json: json)
        if list.isVaultEmpty { Output.message("The vault is empty. Put something in it: coffer add TITLE") }
    }
}
