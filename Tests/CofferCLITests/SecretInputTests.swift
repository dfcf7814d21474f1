/// Tests that secrets are read from descriptors exactly, and that what cannot be read is refused by its option's name.
import CShims
import CofferCLI
import CofferMemory
import Glibc
import Testing

struct SecretInputTests {
    private static func line(_ descriptor: Int32, maximumBytes: Int = 1024) throws -> String {
        try text(SecretInput(descriptor: Int(descriptor), option: "--password-fd").readLine(maximumBytes: maximumBytes))
    }

    private static func lineFailure(_ descriptor: Int, maximumBytes: Int = 1024) -> CLIError? {
        failure { () throws(CLIError) in
            _ = try SecretInput(descriptor: descriptor, option: "--password-fd").readLine(maximumBytes: maximumBytes)
        }
    }

    @Test func `two secrets come through one descriptor, a line each`() throws {
        let pipe = Pipe(holding: "old secret\r\nnew\rsecret \nrest")
        #expect(try Self.line(pipe.readEnd) == "old secret")
        #expect(try Self.line(pipe.readEnd) == "new\rsecret ")
        #expect(pipe.readAll() == Array("rest".utf8))
    }

    @Test(arguments: [
        ("secret", "secret"), ("secret\n", "secret"), ("secret\r\n", "secret"), ("secret\r", "secret\r"),
        ("\n", ""), ("\r\n", ""), ("a\u{0}b\n", "a\u{0}b"), (" \t é \n", " \t é "),
    ])
    func `only the line end is taken off`(_ content: String, _ expected: String) throws {
        let pipe = Pipe(holding: content)
        defer { withExtendedLifetime(pipe) {} }
        #expect(try Self.line(pipe.readEnd) == expected)
    }

    @Test(arguments: ["", "\n", "\r\n"])
    func `a line of the greatest length is taken, and one byte more is refused`(_ end: String) throws {
        let fitting = Pipe(holding: "12345678" + end)
        let longer = Pipe(holding: "123456789" + end)
        defer { withExtendedLifetime((fitting, longer)) {} }
        #expect(try Self.line(fitting.readEnd, maximumBytes: 8) == "12345678")
        #expect(
            Self.lineFailure(Int(longer.readEnd), maximumBytes: 8)
                == .tooLong(what: "The line read for --password-fd", maximumBytes: 8))
    }

    @Test func `an end without any byte is refused`() {
        let pipe = Pipe(holding: "")
        defer { withExtendedLifetime(pipe) {} }
        #expect(Self.lineFailure(Int(pipe.readEnd)) == .nothingToRead(option: "--password-fd"))
    }

    @Test(arguments: [-1, 1_000_000, Int.max, Int.min])
    func `a descriptor that is not open is refused`(_ number: Int) {
        #expect(Self.lineFailure(number) == .unreadable(option: "--password-fd", errno: EBADF))
    }

    @Test func `a descriptor open for writing only is refused`() {
        let pipe = Pipe()
        withExtendedLifetime(pipe) {
            #expect(Self.lineFailure(Int(pipe.writeEnd)) == .unreadable(option: "--password-fd", errno: EBADF))
        }
    }

    @Test func `a folder is refused`() {
        // The string lives through the call.
        let folder = unsafe coffer_open("/", O_RDONLY, 0)
        defer { close(folder) }
        #expect(Self.lineFailure(Int(folder)) == .unreadable(option: "--password-fd", errno: EISDIR))
    }

    @Test func `a terminal is refused, because it would show what is typed`() throws {
        let terminal = try PseudoTerminal()
        defer { withExtendedLifetime(terminal) {} }
        // The string lives through the call.
        let descriptor = unsafe coffer_open(terminal.path, O_RDWR | O_NOCTTY, 0)
        defer { close(descriptor) }
        #expect(Self.lineFailure(Int(descriptor)) == .secretFromTerminal(option: "--password-fd"))
    }

    @Test func `everything up to the end is read, and no more than allowed`() throws {
        let content = String(repeating: "0123456789abcdef", count: 3000)
        let pipe = Pipe(holding: content)
        defer { withExtendedLifetime(pipe) {} }
        let input = try SecretInput(descriptor: Int(pipe.readEnd), option: "--value-fd")
        #expect(try text(input.readAll(maximumBytes: content.utf8.count)) == content)

        let second = Pipe(holding: content)
        defer { withExtendedLifetime(second) {} }
        let refusal = failure { () throws(CLIError) in
            _ = try SecretInput(descriptor: Int(second.readEnd), option: "--value-fd")
                .readAll(maximumBytes: content.utf8.count - 1)
        }
        #expect(refusal == .tooLong(what: "The input of --value-fd", maximumBytes: content.utf8.count - 1))
    }

    @Test func `a descriptor that does not block is waited for`() throws {
        let pipe = Pipe()
        defer { withExtendedLifetime(pipe) {} }
        // The descriptor is made non-blocking by opening the pipe's read end anew; the string lives through the call.
        let descriptor = unsafe coffer_open("/proc/self/fd/\(pipe.readEnd)", O_RDONLY | O_NONBLOCK, 0)
        defer { close(descriptor) }
        let writeEnd = pipe.writeEnd
        let writer = Person {
            usleep(50_000)
            Pipe.write("late\n", to: writeEnd)
        }
        #expect(try Self.line(descriptor) == "late")
        writer.value
    }
}
