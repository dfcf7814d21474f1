/// Tells whether a file is the one that was read (docs/architecture.md, "Saving").
import Glibc

/// Device, inode, size and times: a file that has all of them as before has not been replaced or written.
package struct FileIdentity: Equatable, Sendable {
    package let device: UInt64
    package let inode: UInt64
    package let sizeCount: Int
    package let links: Int
    private let modified: [Int]

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        sizeCount = Int(status.st_size)
        links = Int(status.st_nlink)
        modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    }

    /// Whether both are the same content; making a backup changes the number of links and the ctime, and no content.
    package func isSameContent(as other: FileIdentity) -> Bool {
        device == other.device && inode == other.inode && sizeCount == other.sizeCount && modified == other.modified
    }

    package func isSameFile(as other: FileIdentity) -> Bool { device == other.device && inode == other.inode }
}
