/// Goes on with a vault file that is older than what this machine has seen (docs/sync.md, "What a machine remembers").
import CofferFormat

/// What was missing of an older file when it was accepted.
struct OlderFile {
    /// The edits that the machine had seen.
    let expected: UInt64
    let missing: UInt64

    /// How many of the missing ones are there when the vault holds `edits`.
    func cameBack(by edits: UInt64) -> (found: UInt64, missing: UInt64) {
        let lacking = min(missing, expected - min(expected, edits))
        return (missing - lacking, missing)
    }
}

extension LocalSession {
    /// Takes the older file for the vault, and merges what the backups beside it hold. Nil when it is not older.
    func acceptOlder(_ report: inout SyncReport, isDryRun: Bool) throws(VaultError) -> OlderFile? {
        guard let memory = vault.memory, case .older(let missing, let latest, _) = memory.verdict(vault.state.id) else {
            return nil
        }
        let older = OlderFile(expected: latest, missing: missing)
        guard !isDryRun else {
            report.add(try planBackups().report)
            return older
        }
        let known = memory.state
        do throws(VaultError) {
            report.add(
                try vault.transactionQuietly { () throws(VaultError) in
                    let planned = try planBackups()
                    memory.accept(vault.state.id)
                    return planned
                })
        } catch {
            // Accepted without what the backups hold, the file would not be called older the next time.
            if let known { memory.update { $0 = known } }
            throw error
        }
        return older
    }

    private func planBackups() throws(VaultError) -> (Edits, report: MergeReport) {
        var plan = MergePlan(vault)
        for backup in Backups(ofVault: vault.path).list() { add(backup, to: &plan) }
        return try plan.finish()
    }

    /// A backup that does not open, or is damaged, has nothing to give: the others have.
    private func add(_ backup: Backup, to plan: inout MergePlan) {
        guard let container = try? Container.open(backup.path), container.header.context == vault.keys.context,
            let state = try? VaultState.authenticate(container, vault.keys)
        else { return }
        try? plan.add(state)
    }
}
