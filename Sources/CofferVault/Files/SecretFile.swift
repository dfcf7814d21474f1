/// Files that hold secrets in clear because a person asked for them: recovery sheets, exports.
package import CofferMemory
import Glibc

package enum SecretFile {
    /// Writes a new file, mode 0600, and makes it durable. An existing file, or a link, is never followed or replaced.
    package static func create(_ path: String, _ content: borrowing Span<UInt8>) throws(VaultError) {
        do throws(SystemError) {
            let file = try File(opening: path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
            do throws(SystemError) {
                try file.write(content)
                try file.synchronize()
                try Folder.synchronize(Folder.parent(of: path))
            } catch {
                // Half a secret is of no use to anybody but a thief.
                try? Folder.remove(path)
                throw error
            }
        } catch {
            if error.number == EEXIST {
                throw .refused(
                    why: "there is a file at \(path) already; nothing was changed",
                    remedy: "Name a file that does not exist.")
            }
            throw .system(action: "write", path: path, errno: error.number)
        }
    }

    /// The content of a regular file of at most `countMaximum` bytes.
    package static func read(_ path: String, countMaximum: Int) throws(VaultError) -> SecretBytes {
        do {
            let file = try File(opening: path, O_RDONLY | O_NONBLOCK)
            let status = try file.status()
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw VaultError.invalidInput(why: "the file at \(path) is not a regular one")
            }
            guard status.st_size <= countMaximum else {
                throw VaultError.limitExceeded(what: "\(path) may have \(countMaximum) bytes")
            }
            var content = SecretBytes(zeroed: Int(status.st_size))
            var target = content.mutableSpan
            let count = try file.read(into: &target, at: 0)
            return content.prefix(count)
        } catch let error as SystemError {
            guard error.number != ENOENT else { throw .fileMissing(path: path) }
            throw .system(action: "read", path: path, errno: error.number)
        } catch let error as VaultError {
            throw error
        } catch {
            throw .invalidInput(why: "the file at \(path) cannot be read")
        }
    }
}
