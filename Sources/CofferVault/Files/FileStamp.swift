/// By what an unchanged file is known without opening it (docs/sync.md, "What a sync costs").
import Glibc

/// Device, inode, size, and the times of the last change of content and of the file itself.
package struct FileStamp: Equatable, Sendable {
    /// The number of values.
    static let count = 7

    /// Device, inode, size, seconds and nanoseconds of mtime, and of ctime.
    let values: [UInt64]

    init(_ status: stat) {
        values = [
            UInt64(status.st_dev), UInt64(status.st_ino), UInt64(bitPattern: Int64(status.st_size)),
            UInt64(bitPattern: Int64(status.st_mtim.tv_sec)), UInt64(bitPattern: Int64(status.st_mtim.tv_nsec)),
            UInt64(bitPattern: Int64(status.st_ctim.tv_sec)), UInt64(bitPattern: Int64(status.st_ctim.tv_nsec)),
        ]
    }

    /// The stamp of no file.
    static let none = FileStamp(unchecked: [UInt64](repeating: 0, count: count))

    private init(unchecked values: [UInt64]) { self.values = values }

    /// Nil for any other number of values.
    init?(values: [UInt64]) {
        guard values.count == Self.count else { return nil }
        self.values = values
    }

    /// Whether both are the same file with the same content; a new name changes the ctime and no content.
    func isSameContent(as other: FileStamp) -> Bool { values.prefix(5) == other.values.prefix(5) }
}
