/// Syncs after every change, where a shared folder has been named (docs/sync.md, "Movers").
import CofferVault

enum AutomaticSync {
    /// Never makes a command fail: what was to be saved is saved.
    static func run(_ session: any Session) {
        do {
            guard try session.knownPlace() != nil else { return }
            guard try Settings.isAutomaticSyncOn else { return }
            SyncText(report: try session.sync(nil), isDryRun: false).sayNews(session)
        } catch {
            Output.message(
                "coffer: warning: the change is saved here, and not synced. \(ErrorReport(error).sentencesAfterSaving)")
        }
    }
}
