/// Reads secrets from descriptors that the caller opened: `--password-fd N`, `--value-fd N`, `-`.
package import CofferMemory
import Glibc

/// A descriptor named by an option. It is read, never closed; it belongs to whoever opened it.
package struct SecretInput: Sendable {
    private let descriptor: Int32
    /// The option that named the descriptor, for messages.
    private let option: String

    /// `number` as it was given to `option`; standard input is 0.
    package init(descriptor number: Int, option: String) throws(CLIError) {
        guard let descriptor = Int32(exactly: number), descriptor >= 0 else {
            throw .unreadable(option: option, errno: EBADF)
        }
        self.descriptor = descriptor
        self.option = option
    }

    /// Standard input, as `-` or an option like `--password-stdin` names it.
    package static func standardInput(option: String) -> SecretInput { SecretInput(STDIN_FILENO, option) }

    private init(_ descriptor: Int32, _ option: String) {
        self.descriptor = descriptor
        self.option = option
    }

    package var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Reads one line without its `\n` or `\r\n`, and not one byte more: the next call reads the next line, so that two
    /// secrets can come through one descriptor.
    ///
    /// Refuses a terminal, which would show what is typed.
    package func readLine(maximumBytes: Int = 1024) throws(CLIError) -> SecretBytes {
        guard !isTerminal else { throw .secretFromTerminal(option: option) }
        // It starts small: a buffer for the longest line could be too large to be locked.
        var line = SecretBuilder(capacity: min(maximumBytes, 1024) + 2)
        var byte = SecretBytes(zeroed: 1)
        // Room for the line, its carriage return, and one byte that shows that it is too long.
        while line.count < maximumBytes + 2 {
            guard try read(into: &byte) == 1 else {
                guard line.count > 0 else { throw .nothingToRead(option: option) }
                break
            }
            guard byte.span[0] != UInt8(ascii: "\n") else {
                let count = line.count
                if count > 0 && line.span[count - 1] == UInt8(ascii: "\r") { line.truncate(to: count - 1) }
                break
            }
            line.append(byte.span)
        }
        guard line.count <= maximumBytes else {
            throw .tooLong(what: "The line read for \(option)", maximumBytes: maximumBytes)
        }
        return line.finish()
    }

    /// Reads everything up to the end.
    package func readAll(maximumBytes: Int) throws(CLIError) -> SecretBytes {
        var text = SecretBuilder()
        var chunk = SecretBytes(zeroed: 16_384)
        while true {
            let count = try read(into: &chunk)
            guard count > 0 else { return text.finish() }
            guard count <= maximumBytes - text.count else {
                throw .tooLong(what: "The input of \(option)", maximumBytes: maximumBytes)
            }
            text.append(chunk.span.extracting(first: count))
        }
    }

    /// Fills the beginning of `buffer`, and says how many bytes came: 0 at the end.
    private func read(into buffer: inout SecretBytes) throws(CLIError) -> Int {
        while true {
            var all = buffer.mutableSpan
            // The buffer is passed with its length.
            let result = unsafe all.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if result >= 0 { return result }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                unsafe _ = poll(&wait, 1, -1)
            default: throw .unreadable(option: option, errno: errno)
            }
        }
    }
}
