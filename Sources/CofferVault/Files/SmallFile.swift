/// Files that are read and replaced whole: notes, receipts.
import Glibc

enum SmallFile {
    /// The bytes of a regular file of at most `countMaximum` bytes; nil where there is nothing. Throws for anything else.
    static func read(_ path: String, countMaximum: Int) throws(SystemError) -> [UInt8]? {
        let file: File
        do throws(SystemError) {
            file = try File(opening: path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW)
        } catch {
            guard error.number == ENOENT || error.number == ENOTDIR else { throw error }
            return nil
        }
        let status = try file.status()
        guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError(number: EINVAL) }
        guard status.st_size <= countMaximum else { throw SystemError(number: EFBIG) }
        return try file.bytes(at: 0, count: Int(status.st_size))
    }

    /// Replaces the file at `path` in one step; with `isDurable` it is on the disk before it has the name.
    static func replace(_ path: String, _ bytes: [UInt8], isDurable: Bool) throws(SystemError) {
        // One name, so that an interruption leaves one file at most, which the next time removes. Of two that write at once one
        // may fail, and has nothing to lose.
        let temporary = "\(Folder.parent(of: path))/.\(Folder.name(of: path)).new"
        try? Folder.remove(temporary)
        let file = try File(opening: temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
        do throws(SystemError) {
            try file.write(bytes.span)
            if isDurable { try file.synchronize() }
            try Folder.rename(temporary, to: path)
        } catch {
            try? Folder.remove(temporary)
            throw error
        }
    }
}
