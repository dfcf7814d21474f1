/// The names beside a vault that saving uses (docs/cli.md, "Environment"): no key file or recovery sheet may have one.

/// A file under such a name is replaced or removed by a later save, and with it the only key perhaps.
package enum OwnNames {
    /// Refuses `path` if it is the vault, its lock, a backup of it or a name of its temporary files.
    package static func refuse(_ path: String, besideVault vaultPath: String) throws(VaultError) {
        let (folder, name) = place(path)
        let (vaultFolder, vaultName) = place(vaultPath)
        let isOwn =
            folder == vaultFolder
            && (name == vaultName || name == vaultName + ".lock" || name == vaultName + ".backups"
                || name.hasPrefix(TemporaryFile.prefix(vaultPath)))
        let isBackup = folder == vaultFolder + "/" + vaultName + ".backups"
        guard !isOwn && !isBackup else {
            throw .refused(
                why:
                    "\(path) is a name that the vault itself uses, and a save would replace or remove it; nothing was changed",
                remedy: "Choose another name, best on another disk.")
        }
    }

    /// The folder with all links followed, and the name in it. A file that is there is followed as well.
    private static func place(_ path: String) -> (folder: String, name: String) {
        let real = Folder.resolved(path) ?? path
        let parent = Folder.parent(of: real)
        return (Folder.resolved(parent) ?? parent, Folder.name(of: real))
    }
}
