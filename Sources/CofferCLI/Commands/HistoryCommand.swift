/// `coffer history`: what the fields of an entry held before.
import ArgumentParser
import CofferMerge
import CofferModel
import CofferVault

struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Show what fields held before, the newest first; secrets are masked.",
        discussion: """
            An asterisk marks the current value. Of each field the ten latest earlier values are kept; older ones are only \
            counted (trimmed).

            Example:
              coffer history work/vk-cloud password --reveal
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions

    @Argument(help: "Only this field.")
    var field: String?

    @Flag(help: "Show secrets.")
    var reveal = false

    @Flag(help: "Print JSON; secrets only with --reveal.")
    var json = false

    func run() throws {
        let target = try field.map { try FieldTarget($0) }
        let session = try vaultOptions.open()
        let entry = try session.findLiveFirst(entryOptions.query(), reveal ? .everything : .nothing)
        let versions = session.history(entry) { field in target?.covers(field) ?? true }
        guard !versions.isEmpty || target == nil else {
            throw VaultError.notInEntry(what: target?.name ?? "field", title: entry.title)
        }
        let current = Set(entry.heads.values.joined().map(\.id))
        let report = HistoryReport(
            rows: versions.map { HistoryReport.Row($0, isCurrent: current.contains($0.id)) }, isRevealed: reveal)
        try json ? report.printJSON() : report.print()
    }
}
