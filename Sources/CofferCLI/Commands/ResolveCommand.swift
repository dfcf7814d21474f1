/// `coffer resolve`: chooses one of several values.
import ArgumentParser
import CofferMemory
import CofferMerge
import CofferModel
import CofferVault

struct ResolveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve", abstract: "Choose one of several values of a field.",
        discussion: """
            Without --pick, shows the values of each conflict of the entry (with TITLE alone) or of the field, and asks. \
            Without TITLE, goes through all conflicts; each choice is saved at once. The values that are not chosen stay in the history.

            WHICH is the beginning of a version's id or the name of a machine, as coffer conflicts prints them, or newest.

            Examples:
              coffer resolve
              coffer resolve work/vk-cloud password --pick laptop
            """)

    @OptionGroup var vaultOptions: VaultOptions

    @Argument(help: "The entry: its title, title@username, or id: and the start of its id.")
    var title: String?

    @Argument(help: "The field.")
    var field: String?

    @Option(help: ArgumentHelp("Only the entry with this user name.", valueName: "name"))
    var username: String?

    @Option(help: ArgumentHelp("Choose without asking: a version, a machine, or newest.", valueName: "which"))
    var pick: String?

    @Flag(help: "Show secrets when asking.")
    var reveal = false

    func validate() throws {
        guard pick == nil || title != nil else {
            throw CLIError.usage(
                why: "The option --pick chooses for one entry.",
                remedy: "Name it: coffer resolve TITLE FIELD --pick WHICH")
        }
    }

    func run() throws {
        let session = try vaultOptions.open()
        let conflicts = try wanted(session)
        guard !conflicts.isEmpty else { return Output.message("There is nothing to choose.") }
        guard pick == nil || conflicts.count == 1 else {
            throw CLIError.usage(
                why: "The entry has conflicts in several fields.",
                remedy: "Name one: " + conflicts.map { Shown.word($0.name) }.joined(separator: ", "))
        }
        var settled = 0
        for conflict in conflicts {
            guard let head = try chosen(conflict, settled: settled, of: conflicts.count) else { continue }
            try session.settle(conflict, with: head)
            settled += 1
            Output.message(
                "\(Shown.text(conflict.entry.title)): the \(Shown.text(conflict.name)) of"
                    + " \(Shown.text(head.content?.by ?? "")) counts now. The others stay in: "
                    + Shown.command("history", conflict.entry.title, conflict.name))
        }
        if settled < conflicts.count { Output.message("\(conflicts.count - settled) left as they are.") }
    }

    /// The conflicts that are meant. Several fields of one entry are edits of the same shown state, so none is lost.
    private func wanted(_ session: any Session) throws -> [FieldConflict] {
        guard let title else { return try session.conflicts(.everything) }
        let entry = try session.findLiveFirst(EntryQuery(title, username: username), .everything)
        let conflicts = FieldConflict.all(of: entry)
        guard let field else { return conflicts }
        var found = conflicts.filter { $0.field == FieldReader.field(field) }
        // A field that has no name of its own goes by the one that conflicts are shown with.
        if found.isEmpty { found = conflicts.filter { $0.name == field } }
        guard !found.isEmpty else {
            throw VaultError.notInEntry(
                what: "conflict of that field", title: entry.title, near: conflicts.map(\.name))
        }
        return found
    }

    // MARK: Choosing

    /// The value of `--pick` or of the answer; nil leaves the conflict as it is. Each choice before it is saved already.
    private func chosen(_ conflict: FieldConflict, settled: Int, of count: Int) throws -> EntryVersion? {
        do {
            return try pick.map { try picked($0, conflict) } ?? ask(conflict)
        } catch let error as CLIError where settled > 0 && (error == .cancelled || error == .interrupted) {
            throw CLIError.cancelledAfterSaving(saved: settled, left: count - settled)
        }
    }

    private func picked(_ which: String, _ conflict: FieldConflict) throws -> EntryVersion {
        if which == "newest", let newest = conflict.heads.first { return newest }
        let byMachine = conflict.heads.filter { $0.content?.by == which }
        let byVersion = conflict.heads.filter {
            which.count >= 4 && $0.id.bytes.hexadecimal.hasPrefix(which.lowercased())
        }
        let found = byMachine.isEmpty ? byVersion : byMachine
        guard found.count == 1 else {
            let candidates = (found.isEmpty ? conflict.heads : found).map(ConflictText.version)
            guard found.isEmpty else {
                throw CLIError.severalValues(field: conflict.name, candidates: candidates)
            }
            throw VaultError.notFound(what: "such value of \(conflict.name)", near: candidates)
        }
        return found[0]
    }

    /// Shows the values and asks; nil leaves the conflict as it is.
    private func ask(_ conflict: FieldConflict) throws -> EntryVersion? {
        let prompt = vaultOptions.prompt
        guard prompt.isAvailable else {
            throw CLIError.cannotAsk(
                .value(what: "which value counts", option: "--pick WHICH (coffer conflicts lists them)"))
        }
        try ConflictText(conflicts: [conflict], duplicates: [], isRevealed: reveal).print()
        while true {
            let answer = try prompt.askLine(
                prompt: "Which one counts (the start of its version, a machine, newest; Enter leaves it)? ",
                or: .value(what: "which value counts", option: "--pick WHICH"))
            if answer.isEmpty { return nil }
            do {
                return try picked(answer, conflict)
            } catch {
                Output.message(ErrorReport(error).sentences)
            }
        }
    }
}
