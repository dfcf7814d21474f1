/// An open file and the system calls on it, with short transfers and interruptions dealt with.
import CShims
package import Glibc

/// A failed system call, by errno. ``VaultError/system(action:path:errno:)`` adds what was being done.
package struct SystemError: Error, Equatable {
    package let number: Int32

    package static var last: SystemError { SystemError(number: errno) }

    package init(number: Int32) { self.number = number }

    /// The result of a system call that is made again for as long as a signal interrupts it; throws when it is negative.
    @discardableResult
    package static func check(_ call: () -> Int32) throws(SystemError) -> Int32 {
        var result: Int32
        repeat { result = call() } while result < 0 && errno == EINTR
        guard result >= 0 else { throw .last }
        return result
    }

    /// The system's own words for it.
    package var text: String { unsafe String(cString: strerror(number)) }
}

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

/// Owns a descriptor and closes it.
package struct File: ~Copyable, Sendable {
    package let descriptor: Int32

    /// open(2) with O_CLOEXEC; a mode is needed with O_CREAT.
    package init(opening path: String, _ flags: Int32, mode: UInt32 = 0o600) throws(SystemError) {
        descriptor = try SystemError.check { unsafe coffer_open(path, flags, mode) }
    }

    deinit { close(descriptor) }

    package func status() throws(SystemError) -> stat {
        var status = stat()
        let descriptor = descriptor
        try SystemError.check { unsafe fstat(descriptor, &status) }
        return status
    }

    package func identity() throws(SystemError) -> FileIdentity { FileIdentity(try status()) }

    /// Reads up to `buffer.count` bytes from `offset` on; fewer only at the end of the file.
    package func read(into buffer: inout MutableSpan<UInt8>, at offset: Int) throws(SystemError) -> Int {
        let wanted = buffer.count
        let descriptor = descriptor
        var done = 0
        while done < wanted {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                // `done` is below `wanted`, the number of bytes there are.
                unsafe pread(descriptor, bytes.baseAddress! + done, wanted - done, off_t(offset + done))
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .last }
            guard count > 0 else { break }
            done += count
        }
        return done
    }

    /// The `count` bytes from `offset` on, or fewer at the end of the file. For what is not secret.
    package func bytes(at offset: Int, count: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var target = bytes.mutableSpan
        let done = try read(into: &target, at: offset)
        return done == count ? bytes : Array(bytes[..<done])
    }

    /// Appends all of `bytes`.
    package func write(_ bytes: borrowing Span<UInt8>) throws(SystemError) {
        let count = bytes.count
        let descriptor = descriptor
        var done = 0
        while done < count {
            let written = unsafe bytes.withUnsafeBytes { source in
                // `done` is below `count`, the number of bytes there are.
                unsafe Glibc.write(descriptor, source.baseAddress! + done, count - done)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw written < 0 ? .last : SystemError(number: EIO) }
            done += written
        }
    }

    /// Appends `range` of `source`; the kernel copies where it can.
    package func append(_ range: Range<Int>, of source: borrowing File) throws(SystemError) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let copied = coffer_copy_range(source.descriptor, offset, descriptor, range.upperBound - offset)
            if copied < 0 && errno == EINTR { continue }
            // Across file systems, and where the kernel cannot, the bytes go through this process.
            guard copied > 0 else { return try appendByReading(offset..<range.upperBound, of: source) }
            offset += copied
        }
    }

    private func appendByReading(_ range: Range<Int>, of source: borrowing File) throws(SystemError) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let chunk = try source.bytes(at: offset, count: min(1 << 20, range.upperBound - offset))
            guard !chunk.isEmpty else { throw SystemError(number: EIO) }
            try write(chunk.span)
            offset += chunk.count
        }
    }

    /// fsync(2). A failure is final: asked again, the kernel may say success for pages that it has dropped.
    package func synchronize() throws(SystemError) {
        let descriptor = descriptor
        try SystemError.check { fsync(descriptor) }
    }
}
