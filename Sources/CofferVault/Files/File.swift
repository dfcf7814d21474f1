/// An open file and the system calls on it, with short transfers and interruptions dealt with.
import CShims
package import Glibc

/// Owns a descriptor and closes it.
package struct File: ~Copyable, Sendable {
    package let descriptor: Int32

    /// open(2) with O_CLOEXEC; the mode is that of a file that O_CREAT makes.
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
