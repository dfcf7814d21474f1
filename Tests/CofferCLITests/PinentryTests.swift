/// Tests what no command asks through pinentry yet: a yes or no. Passwords are asked for by the whole program
/// (Tests/Stories/test_pinentry.py).
import CofferCLI
import Glibc
import Testing

// One question at a time in a process: these wait for those of the terminal.
extension TerminalPromptTests {
    struct PinentryTests {
        /// What a program made of a shell script is asked, and what comes of it.
        private static func confirm(_ text: String, answer: String) throws -> (
            result: Bool?, error: CLIError?, told: String
        ) {
            var folder = Array("/tmp/coffer-pinentry-XXXXXX".utf8CString)
            // The array ends with a zero byte, and is written in place.
            guard unsafe mkdtemp(&folder) != nil else { throw PseudoTerminal.Unavailable() }
            let path = String(decoding: folder.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let (program, told) = (path + "/pinentry", path + "/told")
            defer { for name in [program, told, path + "/pinentry.lock", path] { unsafe _ = remove(name) } }
            let script = """
                #!/bin/sh
                echo OK
                while read -r word rest; do
                    printf "%s %s\\n" "$word" "$rest" >>\(told)
                    case $word in CONFIRM) printf "%s\\n" "\(answer)" ;; *) echo OK ;; esac
                done
                """
            try write(script, to: program)
            unsafe _ = chmod(program, 0o700)
            var result: Bool?
            let error = failure { () throws(CLIError) in
                result = try Pinentry(path: program, turnFolder: path).confirm(text)
            }
            return (result, error, try read(told))
        }

        private static func write(_ text: String, to path: String) throws {
            // The strings live through the calls.
            guard let file = unsafe fopen(path, "we") else { throw PseudoTerminal.Unavailable() }
            unsafe fputs(text, file)
            unsafe fclose(file)
        }

        private static func read(_ path: String) throws -> String {
            let descriptor = unsafe open(path, O_RDONLY)
            defer { close(descriptor) }
            return String(decoding: readDescriptor(descriptor), as: UTF8.self)
        }

        @Test func `yes and no are told apart`() throws {
            #expect(try Self.confirm("Delete?", answer: "OK").result == true)
            #expect(try Self.confirm("Delete?", answer: "ERR 83886194 not confirmed").result == false)
        }

        @Test(arguments: [99, 198, 83_886_179])
        func `a dialog that is closed is neither`(_ code: Int) throws {
            #expect(try Self.confirm("Delete?", answer: "ERR \(code) cancelled").error == .cancelled)
        }

        @Test func `an error of the program is no answer`() throws {
            guard case .pinentry(_, .refused(code: 5)) = try Self.confirm("Delete?", answer: "ERR 5 x").error else {
                Issue.record("it was taken for an answer")
                return
            }
            guard case .pinentry(_, .garbled) = try Self.confirm("Delete?", answer: "D yes").error else {
                Issue.record("it was taken for an answer")
                return
            }
        }

        @Test func `what is asked is spelled out, and the buttons say yes and no`() throws {
            let told = try Self.confirm("Delete \u{1B}[2J100%\n<b>?", answer: "OK").told
            #expect(told.contains("SETDESC Delete \\u{1B}[2J100%25\\n\\u{3C}b>?\n"))
            #expect(told.contains("SETOK Yes\nSETNOTOK No\nCONFIRM \nBYE \n"))
        }
    }
}
