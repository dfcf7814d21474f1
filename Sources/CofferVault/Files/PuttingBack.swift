/// Puts a backup file in the vault's place (`coffer backups restore --replace`).
import CofferFormat
import Glibc

extension Backups {
    /// Replaces the vault by `backup`, which `opened` has been opened from. The file that is there now, whole or not,
    /// becomes a backup first. A person said so: `memory`, that of the vault's path, takes it for the latest state.
    package func putBack(
        _ backup: Backup, _ opened: OpenVault, memory: VaultMemory?, nowSeconds: UInt64
    ) throws(VaultError) {
        let lock = try VaultLock.acquire(besideVault: vaultPath)
        defer { _ = lock }
        // A present file that is damaged has no id to compare.
        if let present = try? Container.open(vaultPath, requiresWholeFile: false),
            present.header.context.vaultID != opened.keys.context.vaultID
        {
            throw .refused(
                why: "\(backup.path) is a backup of a different vault; nothing was changed",
                remedy: "Open it where it is: coffer ls --vault FILE")
        }
        if let present = try? Container.open(vaultPath, requiresWholeFile: false),
            present.header.context.epoch > opened.keys.context.epoch
        {
            throw .refused(
                why:
                    "\(backup.path) belongs to an earlier key epoch, from before a change of the vault key that this would undo; nothing was changed",
                remedy: "Open it where it is (coffer ls --vault FILE), or take its entries in: coffer merge FILE")
        }
        let temporary = try TemporaryFile.create(besideVault: vaultPath)
        do throws(VaultError) {
            try copy(backup, into: temporary)
            let state = try VaultState.authenticate(try Container.open(temporary.path), opened.keys)
            try state.verifyFrames()
            if let present = try? Folder.identity(vaultPath) { try keep(present, nowSeconds: nowSeconds) }
            // First, so that an interruption leaves nothing that would be refused: a newer file than the latest never is.
            memory?.accept(state.id)
            try temporary.rename(to: vaultPath)
        } catch {
            temporary.remove()
            throw error
        }
        prune()
    }

    private func copy(_ backup: Backup, into temporary: borrowing TemporaryFile) throws(VaultError) {
        do throws(SystemError) {
            let source = try File(opening: backup.path, O_RDONLY | O_NOFOLLOW)
            let count = try source.identity().sizeCount
            try temporary.file.append(0..<count, of: source)
            try temporary.file.synchronize()
        } catch {
            throw .system(action: "copy", path: backup.path, errno: error.number)
        }
    }
}
