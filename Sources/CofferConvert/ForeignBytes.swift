/// The two pipes of the program: foreign bytes in, the reply out.
import CofferExchange
import CofferMemory
import Glibc

enum ForeignBytes {
    private static let chunkCount = 64 * 1024

    /// All of standard input, refused as soon as it is more than `countMaximum` bytes.
    static func read(
        _ countMaximum: Int, orElse refusal: ConversionRefusal = .tooLong
    ) throws(ConversionFailure) -> SecretBytes {
        var text = SecretBuilder(capacity: chunkCount)
        var chunk = SecretBytes(zeroed: chunkCount)
        while true {
            var target = chunk.mutableSpan
            // The buffer is passed with its length.
            let count = unsafe target.withUnsafeMutableBytes {
                unsafe Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN {
                wait()
                continue
            }
            guard count >= 0 else { throw ConversionFailure(.unreadable) }
            guard count > 0 else { return text.finish() }
            guard count <= countMaximum - text.count else { throw ConversionFailure(refusal) }
            text.append(chunk.span.extracting(first: count))
        }
    }

    /// Whether all of `bytes` went out.
    static func write(_ bytes: borrowing Span<UInt8>) -> Bool {
        var written = 0
        while written < bytes.count {
            let rest = bytes.extracting(droppingFirst: written)
            // The buffer is passed with its length.
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 || (count < 0 && errno == EINTR) else { return false }
            written += max(count, 0)
        }
        return true
    }

    /// Whoever made the descriptor may have made it one that does not block.
    private static func wait() {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        unsafe _ = poll(&input, 1, -1)
    }
}
