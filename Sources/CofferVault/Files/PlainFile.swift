/// Small text files of this machine that hold nothing secret: settings.
import Glibc

package enum PlainFile {
    private static let countMaximum = 4 * 1024 * 1024

    /// The text of a regular file, empty where there is none. What cannot be read as text is an error: it must not be replaced.
    package static func read(_ path: String) throws(VaultError) -> String {
        let bytes: [UInt8]?
        do throws(SystemError) {
            bytes = try SmallFile.read(Folder.resolved(path) ?? path, countMaximum: countMaximum)
        } catch {
            throw .system(action: "read", path: path, errno: error.number)
        }
        guard let text = String(validating: bytes ?? [], as: UTF8.self) else {
            throw .system(action: "read as text", path: path, errno: EILSEQ)
        }
        return text
    }

    /// Replaces the file by what `change` makes of it, in one step, making its folder if need be. Who does so at the same time waits.
    package static func change(
        _ path: String, _ change: (String) throws(VaultError) -> String
    ) throws(VaultError) {
        do throws(SystemError) {
            try Folder.make(Folder.parent(of: path))
        } catch {
            throw .system(action: "write", path: path, errno: error.number)
        }
        let lock = try VaultLock.acquire(besideVault: path)
        defer { _ = lock }
        let text = try change(try read(path))
        do throws(SystemError) {
            try SmallFile.replace(path, Array(text.utf8), isDurable: true)
        } catch {
            throw .system(action: "write", path: path, errno: error.number)
        }
    }
}
