/// `coffer git-merge`: a merge driver for a vault file that is kept in git (docs/sync.md, "git").
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
        let session = Session(vault: opened, author: VaultOptions.author(machine), machine: machine)
        // Without a common ancestor git gives an empty file.
        let ancestors = Container.isVault(ancestor) ? [ancestor] : []
        let report = try session.merge([theirs] + ancestors)
        try scratch.put(copy, over: ours)
        MergeText(report: report, isDryRun: false).say()
    }
}
