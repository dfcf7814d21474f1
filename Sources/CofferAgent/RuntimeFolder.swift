/// Where the agent's socket lies: a folder that only its user can enter (docs/agent.md, "The socket").
import CShims
import CofferVault
import Glibc

/// `coffer` in the user's runtime folder; checked anew by whoever uses it.
package struct RuntimeFolder: Sendable {
    package let path: String

    package var socketPath: String { path + "/agent.sock" }
    var lockPath: String { path + "/agent.lock" }

    private static let privateMode: UInt32 = 0o700
    private static let modeMask: UInt32 = 0o777

    /// The folder below `runtimeFolder`, which is XDG_RUNTIME_DIR, or below `/run/user/UID` where that is nil. Makes it when
    /// `isMade`; otherwise throws `absent` where there is none.
    package static func find(_ runtimeFolder: String?, isMade: Bool) throws(AgentError) -> RuntimeFolder {
        let base: String
        if let runtimeFolder { base = runtimeFolder } else { base = try usualFolder() }
        guard base.hasPrefix("/") else { throw .noRuntimeFolder }
        guard let status = try? Folder.status(base) else { throw .noRuntimeFolder }
        try require(status, base, isExact: false)
        let folder = RuntimeFolder(path: base + "/coffer")
        guard folder.socketPath.utf8.count <= COFFER_SOCKET_PATH_MAXIMUM else {
            throw .folderUnsafe(path: base, why: "its name is too long for a socket")
        }
        if isMade {
            do throws(SystemError) {
                try Folder.make(folder.path)
            } catch {
                throw .system(action: "make the folder", path: folder.path, errno: error.number)
            }
        }
        guard let own = try? Folder.status(folder.path) else { throw .absent }
        try require(own, folder.path, isExact: true)
        return folder
    }

    /// Whether the folder is still as it must be.
    var isPrivate: Bool {
        guard let status = try? Folder.status(path) else { return false }
        return (try? Self.require(status, path, isExact: true)) != nil
    }

    private static func usualFolder() throws(AgentError) -> String {
        let path = "/run/user/\(geteuid())"
        guard let status = try? Folder.status(path), (try? require(status, path, isExact: true)) != nil else {
            throw .noRuntimeFolder
        }
        return path
    }

    /// A folder of this user, no link, that nobody else can enter or write; with `isExact` of mode 0700.
    private static func require(_ status: stat, _ path: String, isExact: Bool) throws(AgentError) {
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .folderUnsafe(path: path, why: "it is no folder") }
        guard status.st_uid == geteuid() else {
            throw .folderUnsafe(path: path, why: "it belongs to another user")
        }
        let mode = status.st_mode & modeMask
        guard isExact ? mode == privateMode : mode & 0o077 == 0 else {
            throw .folderUnsafe(path: path, why: "its mode is \(String(mode, radix: 8)), not 700")
        }
    }
}
