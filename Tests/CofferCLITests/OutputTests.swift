/// Tests that output is whole, exact for pipes and harmless for terminals.
import CShims
import CofferCLI
import CofferMemory
import Glibc
import Testing

struct OutputTests {
    /// What the work writes.
    private static func written(terminal: Bool, _ work: (Output) throws -> Void) rethrows -> String {
        let pipe = Pipe()
        try work(
            Output(descriptor: pipe.writeEnd, isTerminal: terminal, usesColor: false, columns: 0))
        pipe.closeWriteEnd()
        return String(decoding: pipe.readAll(), as: UTF8.self)
    }

    @Test func `a value is exact for a pipe and escaped for a terminal`() throws {
        let value = Array("pass\u{1B}\u{202E}\nword".utf8)
        #expect(try Self.written(terminal: false) { try $0.print(value: value.span) } == "pass\u{1B}\u{202E}\nword\n")
        #expect(
            try Self.written(terminal: true) { try $0.print(value: value.span) }
                == "pass\\u{1B}\\u{202E}\\nword\n")
        #expect(
            try Self.written(terminal: true) { try $0.print(value: value.span, layout: .lines) }
                == "pass\\u{1B}\\u{202E}\nword\n")
    }

    @Test func `a reader that went away is told from a full disk`() throws {
        signal(SIGPIPE, SIG_IGN)
        let pipe = Pipe()
        defer { withExtendedLifetime(pipe) {} }
        pipe.closeReadEnd()
        let output = Output(descriptor: pipe.writeEnd)
        #expect(failure { () throws(CLIError) in try output.print("x") } == .outputClosed)
        // The string lives through the call.
        let full = unsafe coffer_open("/dev/full", O_WRONLY, 0)
        defer { close(full) }
        #expect(
            failure { () throws(CLIError) in try Output(descriptor: full).print("x") } == .outputFailed(errno: ENOSPC))
    }

    @Test func `short writes go on where they stopped, and a full pipe is waited for`() throws {
        let pipe = Pipe()
        defer { withExtendedLifetime(pipe) {} }
        // The string lives through the call.
        let descriptor = unsafe coffer_open("/proc/self/fd/\(pipe.writeEnd)", O_WRONLY | O_NONBLOCK, 0)
        let readEnd = pipe.readEnd
        let reader = Person { readDescriptor(readEnd) }
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try Output(descriptor: descriptor).write(bytes.span)
        close(descriptor)
        pipe.closeWriteEnd()
        #expect(reader.value == bytes)
    }

    @Test func `no width means 80`() {
        #expect(Output(descriptor: 1, isTerminal: true, usesColor: false, columns: 0).columns == 80)
    }

    @Test func `styles are written only where colour is used`() {
        func heading(_ output: Output) -> String {
            var sink = PrivateBuilder()
            output.begin(.faint, in: &sink)
            sink.append(text: "title")
            output.endStyle(in: &sink)
            return sink.text()
        }
        #expect(heading(.terminal()) == "title")
        let coloured = Output(descriptor: 1, isTerminal: true, usesColor: true, columns: 0)
        #expect(heading(coloured) == "\u{1B}[2mtitle\u{1B}[0m")
    }

    @Test(arguments: [0, 7, -1, 1_234_567_890, Int64.max, Int64.min])
    func `numbers are written in decimal`(_ number: Int64) {
        var sink = PrivateBuilder()
        sink.append(decimal: number)
        #expect(sink.text() == String(number))
    }
}
