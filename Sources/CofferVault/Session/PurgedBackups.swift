/// Which backups still hold an entry: purging takes it out of the vault, not out of the past (docs/merge.md).
package import CofferModel
import CofferFormat
import CofferMerge

extension LocalSession {
    /// The backups that hold one of `ids` unpurged, newest first, and how many others cannot be opened with this
    /// vault's key.
    package func backups(holding ids: [EntryID]) -> HoldingBackups {
        var (holding, unknownCount): ([Backup], Int) = ([], 0)
        for backup in Backups(ofVault: vault.path).list() {
            do throws(VaultError) {
                let state = try VaultState.authenticate(try Container.open(backup.path), vault.keys)
                let isHeld = ids.contains { id in
                    guard let position = state.index.position(of: id) else { return false }
                    return state.index.records[position].summary.state != .purged
                }
                if isHeld { holding.append(backup) }
            } catch {
                unknownCount += 1
            }
        }
        return HoldingBackups(holding: holding, unknownCount: unknownCount)
    }
}
