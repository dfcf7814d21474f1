/// Syncs after every change, where a shared folder has been named (docs/sync.md, "Automatic sync").
import CofferVault

enum AutomaticSync {
    /// Never makes a command fail: what was to be saved is saved.
    static func run(_ session: Session) {
        guard session.syncPlace != nil, Settings.isAutomaticSyncOn else { return }
        do {
            SyncText(report: try session.sync(nil), isDryRun: false).sayConflicts(session)
        } catch {
            Output.message("coffer: warning: the change is saved, but not synced: \(ErrorReport(error).sentences)")
        }
    }
}
