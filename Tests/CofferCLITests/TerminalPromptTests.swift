/// Tests questions on a pseudo-terminal: what is shown, what is hidden, and what is left behind.
/// Signals are tested with the whole program (Tests/Stories/test_prompt.py), because they concern a whole process.
import CofferCLI
import CofferMemory
import Testing

// One question at a time in a process.
@Suite(.serialized)
struct TerminalPromptTests {
    private let terminal: PseudoTerminal
    private let prompt: TerminalPrompt

    init() throws {
        terminal = try PseudoTerminal()
        prompt = TerminalPrompt(path: terminal.path)
    }

    /// Waits for a question and types the answer, as a person beside the program.
    private func answer(_ steps: (question: String, answer: String)...) -> Person<[(shown: String, echoed: Bool)]> {
        let terminal = terminal
        return Person {
            steps.map { step in
                let shown = terminal.expect(step.question)
                let echoed = terminal.echoes
                terminal.type(step.answer)
                return (shown, echoed)
            }
        }
    }

    @Test func `a secret is asked with echo off, and echo is back afterwards`() throws {
        let person = answer(("Password: ", "hünter 2 \n"))
        let secret = try prompt.askSecret(prompt: "Password: ")
        #expect(text(secret) == "hünter 2 ")
        let steps = person.value
        #expect(steps[0].echoed == false)
        #expect(terminal.echoes)
        // Only the line feed that ends the line was shown.
        #expect(terminal.expect("\r\n") == "\r\n")
    }

    @Test func `what is not secret is asked with echo on`() throws {
        let person = answer(("User name: ", "anna@example.org\n"))
        let line = try prompt.askLine(prompt: "User name: ", or: .value(what: "the user name", option: "--username U"))
        #expect(line == "anna@example.org")
        #expect(person.value[0].echoed)
    }

    @Test func `a question shows a hostile title escaped`() throws {
        let person = answer(("? ", "\n"))
        _ = try prompt.askSecret(prompt: "Password of \u{1B}]0;x\u{7}? ")
        #expect(person.value[0].shown == "Password of \\u{1B}]0;x\\u{7}? ")
    }

    @Test func `a rubbed-out letter is not part of the answer`() throws {
        let person = answer(("Password: ", "abx\u{7F}c\n"))
        #expect(text(try prompt.askSecret(prompt: "Password: ")) == "abc")
        _ = person.value
    }

    @Test func `the end of input cancels, and echo is back`() throws {
        let person = answer(("Password: ", "\u{4}"))
        #expect(failure { () throws(CLIError) in _ = try prompt.askSecret(prompt: "Password: ") } == .cancelled)
        _ = person.value
        #expect(terminal.echoes)
    }

    @Test func `a longer answer than allowed is refused, and not cut`() throws {
        for length in [9, 4094, 5000] {
            let person = answer(("Password: ", String(repeating: "x", count: length) + "\n"))
            let refusal = failure { () throws(CLIError) in
                _ = try prompt.askSecret(prompt: "Password: ", maximumBytes: 8)
            }
            #expect(refusal == .tooLong(what: "The password", maximumBytes: 8))
            _ = person.value
        }
        let person = answer(("Password: ", "12345678\n"))
        #expect(text(try prompt.askSecret(prompt: "Password: ", maximumBytes: 8)) == "12345678")
        _ = person.value
    }

    @Test func `a line that the kernel cut is refused`() throws {
        let person = answer(("Key: ", String(repeating: "x", count: 6000) + "\n"))
        let refusal = failure { () throws(CLIError) in
            _ = try prompt.askSecret(prompt: "Key: ", what: "The key", maximumBytes: 100_000)
        }
        #expect(refusal == .tooLong(what: "The key", maximumBytes: 4094))
        _ = person.value
    }

    @Test func `several lines end with an empty one`() throws {
        let person = answer(("Codes:\r\n", "1234\n5678\n\n"))
        let codes = try prompt.askLines(
            prompt: "Codes:\n", hidden: true, or: .value(what: "the codes", option: "FILE"))
        #expect(text(codes) == "1234\n5678\n")
        #expect(person.value[0].echoed == false)
        #expect(terminal.echoes)
    }

    @Test func `several lines end with the end of input`() throws {
        let person = answer(("Codes:\r\n", "1234\n5678\n\u{4}"))
        let codes = try prompt.askLines(
            prompt: "Codes:\n", hidden: false, or: .value(what: "the codes", option: "FILE"))
        #expect(text(codes) == "1234\n5678\n")
        _ = person.value
    }

    @Test func `a new secret is asked twice and must be the same, the third time at last`() throws {
        let absence = CLIError.Question.value(what: "the password", option: "--new-password-fd N")
        let first = answer(("New: ", "same\n"), ("Again: ", "same\n"))
        #expect(text(try prompt.askNewSecret(prompt: "New: ", repeatPrompt: "Again: ", or: absence)) == "same")
        _ = first.value
        let mended = answer(("New: ", "a\n"), ("Again: ", "b\n"), ("New: ", "c\n"), ("Again: ", "c\n"))
        #expect(text(try prompt.askNewSecret(prompt: "New: ", repeatPrompt: "Again: ", or: absence)) == "c")
        _ = mended.value
        let slip = [("New: ", "same\n"), ("Again: ", "other\n")]
        let second = answer(slip[0], slip[1], slip[0], slip[1], slip[0], slip[1])
        let refusal = failure { () throws(CLIError) in
            _ = try prompt.askNewSecret(prompt: "New: ", repeatPrompt: "Again: ", or: absence)
        }
        #expect(refusal == .answersDiffer(what: "The password"))
        _ = second.value
    }

    @Test(arguments: [("y\n", true), (" YES \n", true), ("n\n", false), ("\n", false), ("no\n", false)])
    func `a confirmation is yes only when it says so`(_ typed: String, _ expected: Bool) throws {
        let person = answer(("[y/N] ", typed))
        #expect(try prompt.confirm(prompt: "Delete?", consequence: "It would be deleted.") == expected)
        _ = person.value
    }

    @Test func `a confirmation is asked again until it is yes or no`() throws {
        let person = answer(("[y/N] ", "maybe\n"), ("[y/N] ", "y\n"))
        #expect(try prompt.confirm(prompt: "Delete?", consequence: "It would be deleted."))
        #expect(person.value[1].shown.contains("Please answer yes or no."))
    }

    @Test func `nothing is asked without a terminal or when it is forbidden`() {
        for prompt in [
            TerminalPrompt(path: "/dev/null"), TerminalPrompt(path: "/nowhere"),
            TerminalPrompt(noInput: true, path: terminal.path),
        ] {
            #expect(!prompt.isAvailable)
            #expect(
                failure { () throws(CLIError) in _ = try prompt.askSecret(prompt: "Password: ") }
                    == .cannotAsk(.unlocking))
            #expect(
                failure { () throws(CLIError) in _ = try prompt.confirm(prompt: "Sure?", consequence: "It goes.") }
                    == .cannotAsk(.confirmation(what: "It goes.", option: "--yes")))
        }
        #expect(prompt.isAvailable)
    }
}
