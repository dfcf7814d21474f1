/// The file that a save writes before it takes the vault's name (docs/architecture.md, "Saving").
import CofferCrypto
import CofferModel
import Glibc

/// A new file beside the vault that only its owner can read.
struct TemporaryFile: ~Copyable {
    let path: String
    let file: File

    static func prefix(_ vaultPath: String) -> String { ".\(Folder.name(of: vaultPath)).tmp-" }

    /// Makes a file under a name that did not exist; one that somebody made beforehand is never opened, and another name
    /// is drawn.
    static func create(besideVault vaultPath: String) throws(VaultError) -> TemporaryFile {
        let folder = Folder.parent(of: vaultPath)
        var attemptsLeft = attemptsMaximum
        while true {
            let path = "\(folder)/\(prefix(vaultPath))\(SystemRandom().makeBytes(count: 8).hexadecimal)"
            do throws(SystemError) {
                let file = try File(opening: path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
                return TemporaryFile(path: path, file: file)
            } catch {
                attemptsLeft -= 1
                guard error.number == EEXIST && attemptsLeft > 0 else {
                    throw .system(action: "write in", path: folder, errno: error.number)
                }
            }
        }
    }

    private static let attemptsMaximum = 8

    /// Removes what interrupted saves left behind, if it is `ageSeconds` old. Under the vault's lock no save is under way, so that
    /// any age will do; in a shared folder another machine may be writing.
    static func removeLeftovers(besideVault vaultPath: String, ageSeconds: Int = 0) {
        let folder = Folder.parent(of: vaultPath)
        guard let names = try? Folder.names(in: folder) else { return }
        for name in names where name.hasPrefix(prefix(vaultPath)) {
            let path = "\(folder)/\(name)"
            guard let status = try? Folder.status(path), status.st_mode & S_IFMT == S_IFREG,
                ageSeconds == 0 || time(nil) - status.st_mtim.tv_sec > ageSeconds
            else { continue }
            // Whatever stays is no worse than a wasted kilobyte.
            try? Folder.remove(path)
        }
    }

    /// Replaces `target` in one step and makes that durable.
    func rename(to target: String) throws(VaultError) {
        let folder = try Self.openFolder(of: target)
        do throws(SystemError) {
            try Folder.rename(path, to: target)
        } catch {
            throw .system(action: "replace", path: target, errno: error.number)
        }
        try Self.confirm(target, in: folder)
    }

    // Opened before anything takes effect: what can fail should fail while the old state is still there.
    private static func openFolder(of target: String) throws(VaultError) -> File {
        let folder = Folder.parent(of: target)
        do throws(SystemError) {
            return try File(opening: folder, O_RDONLY | O_DIRECTORY)
        } catch {
            throw .system(action: "open the folder", path: folder, errno: error.number)
        }
    }

    /// Makes the new name durable. It is there already, so a failure is not "nothing was changed".
    private static func confirm(_ target: String, in folder: borrowing File) throws(VaultError) {
        do throws(SystemError) {
            try folder.synchronize()
        } catch {
            throw .unconfirmed(path: target, errno: error.number)
        }
    }

    /// Gives the file the name `target`, which must not exist, and makes that durable.
    func link(to target: String) throws(VaultError) {
        let folder = try Self.openFolder(of: target)
        do throws(SystemError) {
            do throws(SystemError) {
                try Folder.link(path, to: target)
            } catch {
                // File systems without hard links: look first, then rename.
                guard [EPERM, EOPNOTSUPP, ENOSYS].contains(error.number) else { throw error }
                guard (try? Folder.status(target)) == nil else { throw SystemError(number: EEXIST) }
                try Folder.rename(path, to: target)
            }
        } catch {
            if error.number == EEXIST { throw .vaultExists(path: target) }
            throw .system(action: "create", path: target, errno: error.number)
        }
        try Self.confirm(target, in: folder)
    }

    func remove() { try? Folder.remove(path) }
}
