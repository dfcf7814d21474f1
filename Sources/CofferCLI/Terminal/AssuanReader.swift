/// Cuts what a program writes into lines, in locked memory: one of them is the password.
package import CofferMemory
import Glibc

package struct AssuanReader: ~Copyable {
    /// A line of the greatest length with its carriage return and line feed.
    private var bytes = SecretBytes(zeroed: AssuanLine.countMaximum + 2)
    private var filled = 0
    /// How many of them the line takes that was given out last.
    private var taken = 0

    package init() {}

    /// Whether nothing has come behind the line that was given out last.
    package var isDrained: Bool { taken == filled }

    /// Reads once what there is. Returns 0 at the end, and -1 with errno.
    package mutating func read(from descriptor: Int32) -> Int {
        forgetTaken()
        let filled = filled
        var all = bytes.mutableSpan
        let count = unsafe all.withUnsafeMutableBytes {
            // `filled` is below the number of bytes there are: `nextReply` refuses a full buffer.
            unsafe Glibc.read(descriptor, $0.baseAddress! + filled, $0.count - filled)
        }
        if count > 0 { self.filled += count }
        return count
    }

    /// The next whole line; nil when more must be read. The line before is wiped.
    package mutating func nextReply() throws(AssuanLine.Fault) -> AssuanLine.Reply? {
        forgetTaken()
        var end = 0
        while end < filled && bytes.span[end] != UInt8(ascii: "\n") { end += 1 }
        guard end < filled else {
            guard filled < bytes.count else { throw .tooLong }
            return nil
        }
        taken = end + 1
        if end > 0 && bytes.span[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return try AssuanLine.parse(bytes.span.extracting(0..<end))
    }

    /// Appends what the data of the last line stands for, if the whole has at most `countMaximum` bytes then. Returns whether
    /// it has.
    package mutating func append(
        _ data: Range<Int>, to answer: inout SecretBuilder, countMaximum: Int
    ) throws(AssuanLine.Fault) -> Bool {
        var line = bytes.mutableSpan
        let count = try AssuanLine.decode(&line, data)
        guard count <= countMaximum - answer.count else { return false }
        answer.append(bytes.span.extracting(data.lowerBound..<data.lowerBound + count))
        return true
    }

    private mutating func forgetTaken() {
        guard taken > 0 else { return }
        let (start, end) = (taken, filled)
        var all = bytes.mutableSpan
        for position in start..<end { all[position - start] = all[position] }
        for position in end - start..<end { all[position] = 0 }
        (filled, taken) = (end - start, 0)
    }
}
