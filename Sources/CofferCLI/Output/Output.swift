/// Writes what a command has to say: data to standard output, messages to standard error.
import CShims
import CofferMemory
import Glibc

/// One output descriptor and what may be sent to it. Nothing is buffered here: callers collect, then write once.
package struct Output: Sendable {
    package static let standard = Output(descriptor: STDOUT_FILENO)
    package static let messages = Output(descriptor: STDERR_FILENO)

    package let descriptor: Int32
    /// Whether a person is looking: then text is escaped and cut to fit; otherwise the bytes are exact.
    package let isTerminal: Bool
    /// Whether colour may be used: only on a terminal, and not with NO_COLOR set (https://no-color.org) or TERM=dumb.
    package let usesColor: Bool
    /// The width to fill, in columns.
    package let columns: Int

    package init(descriptor: Int32) {
        let isTerminal = isatty(descriptor) == 1
        let noColor = Environment.value("NO_COLOR") ?? ""
        self.init(
            descriptor: descriptor, isTerminal: isTerminal,
            usesColor: isTerminal && noColor.isEmpty && Environment.value("TERM") != "dumb",
            columns: isTerminal ? Int(coffer_terminal_columns(descriptor)) : 0)
    }

    /// Everything is said instead of looked up. A width of 0 means 80.
    package init(descriptor: Int32, isTerminal: Bool, usesColor: Bool, columns: Int) {
        self.descriptor = descriptor
        self.isTerminal = isTerminal
        self.usesColor = usesColor
        self.columns = columns > 0 ? columns : 80
    }

    /// Writes all of `bytes` as they are.
    package func write(_ bytes: borrowing Span<UInt8>) throws(CLIError) {
        let failure = unsafe bytes.withUnsafeBytes { source -> Int32 in
            var written = 0
            while written < source.count {
                // The range from `written` on lies inside the buffer; write(2) only reads it.
                let count = unsafe Glibc.write(descriptor, source.baseAddress! + written, source.count - written)
                if count >= 0 {
                    written += count
                } else if errno == EAGAIN {
                    // Somebody made the descriptor non-blocking: wait until it takes more.
                    var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    unsafe _ = poll(&wait, 1, -1)
                } else if errno != EINTR {
                    return errno
                }
            }
            return 0
        }
        guard failure != 0 else { return }
        throw failure == EPIPE ? .outputClosed : .outputFailed(errno: failure)
    }

    /// Writes one line of fixed text or text that was made safe already.
    package func print(_ line: String) throws(CLIError) {
        var buffer = PrivateBuilder(capacity: line.utf8.count + 1)
        buffer.append(text: line)
        buffer.append(UInt8(ascii: "\n"))
        try write(buffer.span)
    }

    /// Writes one value and a newline: for a pipe its exact bytes, for a terminal escaped.
    package func print(value: borrowing Span<UInt8>, layout: Escaping.Layout = .line) throws(CLIError) {
        var line = SecretBuilder(capacity: value.count + 64)
        append(value, to: &line, layout: layout)
        line.append(UInt8(ascii: "\n"))
        try write(line.span)
    }

    /// Appends a value as this output may show it: exact for a pipe, escaped for a terminal.
    package func append(
        _ value: borrowing Span<UInt8>, to sink: inout some ByteSink & ~Copyable, layout: Escaping.Layout = .line
    ) {
        guard isTerminal else { return sink.append(value) }
        Escaping.append(value, to: &sink, layout: layout)
    }

    /// Appends a cell of a row, which stays one line: exact for a pipe but for what would end a cell, escaped for a
    /// terminal.
    package func append(cell value: borrowing Span<UInt8>, to sink: inout some ByteSink & ~Copyable) {
        if isTerminal { Escaping.append(value, to: &sink) } else { Escaping.append(cell: value, to: &sink) }
    }

    /// Says something on standard error, where a failure to write has no remedy.
    package static func message(_ line: String) { try? messages.print(line) }
}
