/// What must not lie where everybody who carries the vault can read it.
import CofferVault

enum SharedFolder {
    /// Refuses `path` in the folder of `place`; `what` names what would lie there, with its article.
    static func refuse(_ path: String, _ what: String, in place: SyncPlace) throws {
        guard let folder = Folder.resolved(Folder.parent(of: Folder.resolved(path) ?? path)) else { return }
        guard folder != place.folder, !folder.hasPrefix(place.folder + "/") else {
            throw VaultError.refused(
                why: "\(what) in the shared folder protects nothing; nothing was changed",
                remedy: "Choose a place that stays on this machine.")
        }
    }
}
