/// Values as a POSIX shell reads them back (POSIX.1-2024, XCU 2.2.2).
import CofferMemory

enum ShellQuoting {
    /// Appends `value` in single quotes, in which nothing but their end means anything; for a terminal it is escaped besides.
    static func append(_ value: borrowing Span<UInt8>, to text: inout SecretBuilder, _ output: Output) {
        text.append(UInt8(ascii: "'"))
        var start = 0
        for index in 0..<value.count where value[index] == UInt8(ascii: "'") {
            output.append(value.extracting(start..<index), to: &text)
            text.append(fixed: "'\\''")
            start = index + 1
        }
        output.append(value.extracting(start..<value.count), to: &text)
        text.append(UInt8(ascii: "'"))
    }
}
