/// Earlier states of the vault file, kept beside it (docs/architecture.md, "Saving").
import Glibc

/// A backup, by the number that `coffer backups` shows.
package struct Backup: Equatable, Sendable {
    /// Grows with every save; no clock takes part.
    package let number: Int
    package let path: String
    /// When it was replaced, in seconds since 1970, by this machine's clock; read from the name.
    package let replacedAtSeconds: UInt64
    package let sizeCount: Int
}

/// The folder `VAULT.backups`, with files named by number and the Unix time at which they were replaced.
package struct Backups: Sendable {
    package static let keptCount = 10
    package static let keptDays = 30
    private static let daySeconds: UInt64 = 86_400
    private static let unfinishedSuffix = ".unfinished"
    /// Names with larger numbers are not ours.
    private static let numberMaximum = 1 << 48

    package let folder: String
    let vaultPath: String

    package init(ofVault path: String) {
        vaultPath = path
        folder = path + ".backups"
    }

    /// The backups there are, newest first; none where the folder cannot be read. Files with other names are left alone.
    package func list() -> [Backup] { (try? allBackups()) ?? [] }

    /// The same for those who must know of all of them.
    package func listAll() throws(VaultError) -> [Backup] {
        do throws(SystemError) {
            return try allBackups()
        } catch {
            throw .system(action: "read", path: folder, errno: error.number)
        }
    }

    private func allBackups() throws(SystemError) -> [Backup] {
        let names: [String]
        do throws(SystemError) {
            names = try Folder.names(in: folder)
        } catch {
            guard error.number == ENOENT else { throw error }
            return []
        }
        return names.compactMap(parse).sorted { $0.number > $1.number }
    }

    /// Keeps the file that is about to be replaced, by hard link where the file system has them.
    func keep(_ identity: FileIdentity, nowSeconds: UInt64) throws(VaultError) {
        let existing = try listAll()
        // A save that was interrupted after this step has made the backup already.
        if let newest = existing.first, (try? Folder.identity(newest.path))?.isSameFile(as: identity) == true { return }
        do throws(SystemError) {
            try Folder.make(folder)
            let number = (existing.first?.number ?? 0) + 1
            let name =
                "\(String(repeating: "0", count: max(0, 8 - String(number).count)))\(number)-\(nowSeconds).coffer"
            let target = folder + "/" + name
            do throws(SystemError) {
                try Folder.link(vaultPath, to: target)
            } catch {
                guard [EPERM, EOPNOTSUPP, EMLINK, ENOSYS, EXDEV].contains(error.number) else { throw error }
                try copy(to: target, count: identity.sizeCount)
            }
        } catch {
            throw .system(action: "keep a backup in", path: folder, errno: error.number)
        }
    }

    /// Removes what is neither among the newest nor the last of one of the last days that have one.
    func prune() {
        for name in (try? Folder.names(in: folder)) ?? [] where name.hasSuffix(".coffer" + Self.unfinishedSuffix) {
            try? Folder.remove(folder + "/" + name)
        }
        var days: Set<UInt64> = []
        for (position, backup) in list().enumerated() {
            let isLastOfDay =
                days.count < Self.keptDays && days.insert(backup.replacedAtSeconds / Self.daySeconds).inserted
            // What cannot be removed is removed next time: the save itself has succeeded.
            if position >= Self.keptCount && !isLastOfDay { try? Folder.remove(backup.path) }
        }
    }

    /// Deletes backups that a person wants gone; ends with the first that stays.
    package static func remove(_ backups: [Backup]) throws(VaultError) {
        for backup in backups {
            do throws(SystemError) {
                try Folder.remove(backup.path)
            } catch {
                throw .system(action: "delete", path: backup.path, errno: error.number)
            }
        }
    }

    /// How many of the backups are further links of the file `identity`.
    func links(of identity: FileIdentity) -> Int {
        list().count { (try? Folder.identity($0.path))?.isSameFile(as: identity) == true }
    }

    /// A backup has its name only when it is whole.
    private func copy(to target: String, count: Int) throws(SystemError) {
        let unfinished = target + Self.unfinishedSuffix
        try? Folder.remove(unfinished)
        let source = try File(opening: vaultPath, O_RDONLY | O_NOFOLLOW)
        let copy = try File(opening: unfinished, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
        do throws(SystemError) {
            try copy.append(0..<count, of: source)
            try copy.synchronize()
            try Folder.rename(unfinished, to: target)
        } catch {
            try? Folder.remove(unfinished)
            throw error
        }
    }

    private func parse(_ name: String) -> Backup? {
        guard name.hasSuffix(".coffer") else { return nil }
        let parts = name.dropLast(".coffer".count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int(parts[0]), (1...Self.numberMaximum).contains(number),
            let seconds = UInt64(parts[1])
        else { return nil }
        let path = folder + "/" + name
        guard let status = try? Folder.status(path), status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Backup(number: number, path: path, replacedAtSeconds: seconds, sizeCount: Int(status.st_size))
    }
}
