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
        let vault = try vaultOptions.open().vault
        let prefix = self.prefix.map { Array(UnicodeText.composed($0).utf8) } ?? []
        let states: [EntryState] = trash ? [.trash] : [.live]
        let records = vault.records
        var positions = try vault.shownPositions(states: states)
        if !prefix.isEmpty {
            positions = try vault.withIndexBytes { bytes in
                try positions.filter { position in
                    let title = try vault.shownNames(at: position).title.range
                    return title.count >= prefix.count
                        && prefix.indices.allSatisfy { bytes[title.lowerBound + $0] == prefix[$0] }
                }
            }
        }
        if !tag.isEmpty || username != nil {
            let wanted = tag.map { UnicodeText.composed($0) }
            let name = username.map { UnicodeText.composed($0) }
            positions = try positions.filter { position in
                let overview = try vault.shownOverview(at: position)
                return wanted.allSatisfy(overview.tags.contains) && (name == nil || overview.username == name)
            }
        }
        try Listing.print(positions, of: vault, json: json)
        if records.isEmpty { Output.message("The vault is empty. Put something in it: coffer add TITLE") }
    }
}
