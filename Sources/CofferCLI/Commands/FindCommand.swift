/// `coffer find`: entries that contain words.
import ArgumentParser
import CofferFormat
import CofferMemory
import CofferModel
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
        let vault = try vaultOptions.open().vault
        let words = text.map { SearchText($0) }
        let positions = try vault.shownPositions().filter { position in
            var missing = try missingWords(words, vault, position)
            if missing.isEmpty { return true }
            guard secrets else { return false }
            let entry = try vault.shownEntry(at: position)
            missing.removeAll { word in Self.isFound(word, inSecretsOf: entry) }
            return missing.isEmpty
        }
        try Listing.print(positions, of: vault, json: json)
        if positions.isEmpty { throw CLIError.nothingFound(inSecrets: secrets) }
    }

    /// The words that the entry's overview, and those of what is joined into it, do not contain.
    private func missingWords(_ words: [SearchText], _ vault: OpenVault, _ position: Int) throws -> [SearchText] {
        let records = vault.records
        return try vault.group(at: position).reduce(words) { missing, member in
            vault.withIndexBytes { bytes in
                missing.filter { word in !records[member].summary.containsText(in: bytes) { word.isFound(in: $0, $1) } }
            }
        }
    }

    private static func isFound(_ word: SearchText, inSecretsOf entry: Entry) -> Bool {
        var texts = entry.customFields(secret: true).map(\.text)
        for field in [FieldName.notes, .password, .otp] { texts += [entry.text(field)].compactMap { $0 } }
        return texts.contains { word.isFound(in: $0.span, 0..<$0.count) }
    }
}
