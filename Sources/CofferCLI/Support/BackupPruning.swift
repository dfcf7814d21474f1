/// Offers to delete backups that hold what should be gone (docs/cli.md, "purge", "rotate").
import CofferVault

struct BackupPruning {
    let backups: [Backup]
    /// What is wrong with them, as the end of a sentence: `1 backup …`, `2 backups …`.
    let fault: (one: String, many: String)
    /// What is said when they stay.
    let remedy: String

    /// Deletes them if `isWanted`, or if a person says so; with `asksNothing` nobody is asked.
    func run(isWanted: Bool, asksNothing: Bool, _ prompt: TerminalPrompt) throws {
        guard !backups.isEmpty else { return }
        let count = backups.count == 1 ? "1 backup" : "\(backups.count) backups"
        let fault = backups.count == 1 ? fault.one : fault.many
        var isMeant = isWanted
        if !isMeant && !asksNothing && prompt.isAvailable {
            isMeant = try prompt.confirm(
                prompt: "\(count) \(fault). Delete them?", consequence: "", option: "--prune-backups")
        }
        guard isMeant else {
            Output.message("\(count) \(fault) (coffer backups). \(remedy)")
            for backup in backups { Output.message("  \(Shown.word(backup.path))") }
            return
        }
        try Backups.remove(backups)
        Output.message("Deleted \(count).")
    }
}
