/// `coffer conflicts`: fields with several values, and accounts that were added twice.
import ArgumentParser
import CofferModel
import CofferVault

struct ConflictsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conflicts", abstract: "List fields with several values, and entries that were added twice.",
        discussion: """
            A conflict comes from two machines that changed the same field before they knew of each other; every value is \
            kept. Secrets are masked unless --reveal is given. Choose with coffer resolve; two entries of one title become \
            one with coffer join.

            Example:
              coffer conflicts --reveal
            """)

    @OptionGroup var vaultOptions: VaultOptions

    @Flag(help: "Show secrets.")
    var reveal = false

    @Flag(help: "Print JSON; values of secrets only with --reveal.")
    var json = false

    func run() throws {
        let session = try vaultOptions.open()
        let conflicts = try session.conflicts(reveal ? .everything : .nothing)
        let duplicates = try session.duplicates()
        let text = ConflictText(conflicts: conflicts, duplicates: duplicates, isRevealed: reveal)
        if json { return try text.printJSON() }
        try text.print()
        guard !conflicts.isEmpty || !duplicates.isEmpty else { return Output.message("There are no conflicts.") }
        if let first = conflicts.first {
            Output.message("Choose: " + Shown.command("resolve", first.entry.title, first.name))
        }
        for duplicate in duplicates {
            let others = duplicate.ids.map { "id:\($0.hexadecimal.prefix(8))" }
            Output.message(
                "\(Shown.text(duplicate.title)) is there \(others.count) times. If they are the same account:"
                    + " coffer join \(others[0]) \(others[1]). If not: coffer mv \(others[1]) NEW")
        }
    }
}
