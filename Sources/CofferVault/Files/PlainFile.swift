/// Small text files of this machine that hold nothing secret: settings.

package enum PlainFile {
    private static let countMaximum = 64 * 1024

    /// The text of a regular file; nil where there is none, and for anything that is no UTF-8 text.
    package static func read(_ path: String) -> String? {
        SmallFile.read(path, countMaximum: countMaximum).flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// Replaces the file in one step, making its folder if need be.
    package static func replace(_ path: String, _ text: String) throws(VaultError) {
        do throws(SystemError) {
            try Folder.make(Folder.parent(of: path))
            try SmallFile.replace(path, Array(text.utf8), isDurable: true)
        } catch {
            throw .system(action: "write", path: path, errno: error.number)
        }
    }
}
