/// Puts a copy of the vault into the shared folder, in the place of a file that has been read and of no other (docs/sync.md,
/// "What is in the folder").
import CofferFormat
import Glibc

struct Publishing {
    let target: String

    /// An interrupted copy is removed after so many seconds.
    private static let leftoverAgeSeconds = 3600

    /// Copies the file of `state` to the target. `replaced` is the file there as it was read; nil where there was none.
    ///
    /// Returns the stamp of the new file; nil when somebody has written the target meanwhile: then it is as they left it.
    func publish(_ state: borrowing VaultState, replacing replaced: FileStamp?) throws(VaultError) -> FileStamp? {
        TemporaryFile.removeLeftovers(besideVault: target, ageSeconds: Self.leftoverAgeSeconds)
        let temporary: TemporaryFile
        do throws(VaultError) {
            temporary = try TemporaryFile.create(besideVault: target)
        } catch {
            throw failed(error)
        }
        do throws(SystemError) {
            try temporary.file.append(0..<state.container.identity.sizeCount, of: state.container.file)
            try temporary.file.synchronize()
            let isDone = try put(temporary.path, replacing: replaced)
            guard isDone else {
                removeIfOwn(temporary)
                return nil
            }
            // After the exchange it is the file that was replaced, which the vault holds.
            if replaced != nil { try? Folder.remove(temporary.path) }
            try Folder.synchronize(Folder.parent(of: target))
            // Of the file itself: under the target's name may be another one by now.
            return FileStamp(try temporary.file.status())
        } catch {
            removeIfOwn(temporary)
            throw .unpublished(path: target, errno: error.number)
        }
    }

    /// After an exchange that could not be taken back, what has the temporary name is somebody else's.
    private func removeIfOwn(_ temporary: borrowing TemporaryFile) {
        guard let own = try? temporary.file.identity(),
            (try? Folder.identity(temporary.path))?.isSameFile(as: own) == true
        else { return }
        temporary.remove()
    }

    /// Gives the new file the target's name; false, and nothing is changed, if the file there is not the one that was read.
    private func put(_ path: String, replacing replaced: FileStamp?) throws(SystemError) -> Bool {
        guard let replaced else { return try putWhereNothingIs(path) }
        do throws(SystemError) {
            // What comes out of the exchange is exactly what went away: looking first and renaming then could miss a write
            // in between.
            try Folder.exchange(path, target)
        } catch {
            guard [EINVAL, ENOSYS, EOPNOTSUPP].contains(error.number) else {
                if error.number == ENOENT { return false }
                throw error
            }
            guard FileStamp(try Folder.status(target)).isSameContent(as: replaced) else { return false }
            try Folder.rename(path, to: target)
            return true
        }
        if FileStamp(try Folder.status(path)).isSameContent(as: replaced) { return true }
        try Folder.exchange(path, target)
        return false
    }

    private func putWhereNothingIs(_ path: String) throws(SystemError) -> Bool {
        do throws(SystemError) {
            try Folder.link(path, to: target)
            try? Folder.remove(path)
            return true
        } catch {
            if error.number == EEXIST { return false }
            guard [EPERM, EOPNOTSUPP, ENOSYS].contains(error.number) else { throw error }
            guard (try? Folder.status(target)) == nil else { return false }
            try Folder.rename(path, to: target)
            return true
        }
    }

    private func failed(_ error: VaultError) -> VaultError {
        guard case .system(_, _, let number) = error else { return error }
        return .unpublished(path: target, errno: number)
    }
}
