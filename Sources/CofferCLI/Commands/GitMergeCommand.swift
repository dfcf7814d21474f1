/// `coffer git-merge`: a merge driver for a vault file that is kept in git (docs/sync.md, "git, one file for all").
import ArgumentParser
import CofferFormat
import CofferVault

struct GitMergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "git-merge", abstract: "Merge two branches of a vault file, as git calls it.",
        discussion: """
            Merges the third file (theirs) and the first (their common ancestor) into the second (ours). Anything that \
            fails leaves ours as it was and ends with a status that git takes for a conflict.

            Example (in .git/config):
              [merge "coffer"]
              driver = coffer git-merge %O %A %B
            """)

    @OptionGroup var vaultOptions: VaultOptions

    @Argument(help: ArgumentHelp("The common ancestor (%O).", valueName: "ancestor"))
    var ancestor: String

    @Argument(help: ArgumentHelp("Our file, which gets the result (%A).", valueName: "ours"))
    var ours: String

    @Argument(help: ArgumentHelp("Their file (%B).", valueName: "theirs"))
    var theirs: String

    func run() throws {
        // The work is done on a copy: git's temporary file gets neither a lock nor backups beside it.
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        let copy = try scratch.copy(of: ours)
        let (opened, _) = try vaultOptions.openFirst([copy], name: "the vault in git")
        let machine = try VaultOptions.machine()
        let session = LocalSession(vault: opened, author: VaultOptions.author(machine), machine: machine)
        // Without a common ancestor git gives an empty file.
        // One of another key epoch has nothing that both sides have not.
        let isOfUse = (try? Container.open(ancestor))?.header.context == session.vault.keys.context
        let report = try session.performMerge([theirs] + (isOfUse ? [ancestor] : []))
        guard report.tooLarge.isEmpty else {
            MergeText(report: report, isDryRun: true).sayKeysAndSizes()
            throw CLIError.ended(.unsupported)
        }
        try scratch.put(copy, over: ours)
        MergeText(report: report, isDryRun: false).say()
    }
}
