/// The folder for what must not outlive a login: locks (docs/cli.md, "Environment").
import CofferVault
import Glibc

enum RuntimeFolder {
    /// `$XDG_RUNTIME_DIR/coffer`, else `/run/user/UID/coffer`, made if need be; nil where neither is ours alone.
    static func path() -> String? {
        if let base = (try? Environment.path("XDG_RUNTIME_DIR")) ?? nil, base.hasPrefix("/") {
            return own(base + "/coffer")
        }
        let base = "/run/user/\(getuid())"
        return isOurs(base) ? own(base + "/coffer") : nil
    }

    private static func own(_ path: String) -> String? {
        // Its parent is there, or this is no login.
        guard (try? Folder.status(Folder.parent(of: path))) != nil, (try? Folder.make(path)) != nil else { return nil }
        return isOurs(path) ? path : nil
    }

    /// Whether it is a folder, not a link to one, that is ours and that nobody else can enter.
    private static func isOurs(_ path: String) -> Bool {
        guard let status = try? Folder.status(path) else { return false }
        return status.st_mode & S_IFMT == S_IFDIR && status.st_uid == getuid() && status.st_mode & 0o777 == 0o700
    }
}
