/// Looks for programs of other makers in PATH.
import Glibc

enum ProgramSearch {
    /// Where PATH is not set (execvp(3)).
    private static let usualFolders = "/usr/local/bin:/usr/bin:/bin"

    /// The first program of this name. A folder that is not named from the root is passed over: it would be another one elsewhere.
    static func path(of name: String) -> String? {
        let folders = Environment.value("PATH") ?? usualFolders
        return folders.split(separator: ":").lazy.filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
            .first(where: isProgram)
    }

    private static func isProgram(_ path: String) -> Bool {
        var status = stat()
        // The string and the structure live through the calls.
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return unsafe access(path, X_OK) == 0
    }
}
