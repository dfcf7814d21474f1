/// The lock that writers of a vault take in turn (docs/format.md says nothing of it: it is a matter of this machine).
import CofferCrypto
import Glibc

/// An flock(2) on a file beside the vault, because every save replaces the vault's own inode. The kernel frees it when
/// its holder dies.
package struct VaultLock: ~Copyable, Sendable {
    package static let waitSecondsMaximum = 60
    private static let pauseMicroseconds: UInt32 = 2_000

    private let file: File

    /// Waits up to ``waitSecondsMaximum`` for other writers. The lock is held until the value is gone.
    package static func acquire(besideVault path: String) throws(VaultError) -> VaultLock {
        let lockPath = path + ".lock"
        let start = MonotonicClock.nanoseconds()
        var file = try acquire(lockPath, path, since: start)
        // Whoever removes the lock file lets the next one lock another: only the file that has the name counts.
        while try !isNamed(lockPath, file) { file = try acquire(lockPath, path, since: start) }
        return VaultLock(file: file)
    }

    private static func acquire(_ lockPath: String, _ path: String, since start: UInt64) throws(VaultError) -> File {
        let file = try open(lockPath)
        while flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw .system(action: "lock", path: lockPath, errno: errno)
            }
            guard MonotonicClock.nanoseconds() - start < UInt64(Self.waitSecondsMaximum) * 1_000_000_000 else {
                throw .inUse(path: path, why: "another program has been writing it for a minute")
            }
            usleep(Self.pauseMicroseconds)
        }
        return file
    }

    private static func isNamed(_ lockPath: String, _ file: borrowing File) throws(VaultError) -> Bool {
        do throws(SystemError) {
            return try Folder.identity(lockPath).isSameFile(as: file.identity())
        } catch {
            if error.number == ENOENT { return false }
            throw .system(action: "look at the lock file", path: lockPath, errno: error.number)
        }
    }

    private static func open(_ lockPath: String) throws(VaultError) -> File {
        do throws(SystemError) {
            return try File(opening: lockPath, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK)
        } catch {
            throw .system(action: "open the lock file", path: lockPath, errno: error.number)
        }
    }
}
