/// Tests that a wrong command line is explained without repeating anything from it.
import ArgumentParser
import CofferCLI
import Testing

private struct Root: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coffer", version: "coffer 0", subcommands: [Show.self, Move.self])
}

private struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(aliases: ["display"])
    @Argument var title: String
    @Option var passwordFd: Int?
    @Option(name: .shortAndLong) var field: String?
    @Flag var reveal = false
    @Flag var recoveryKey = false

    mutating func validate() throws {
        if reveal && recoveryKey { throw ValidationError("--reveal and --recovery-key exclude each other.") }
        if field == "cli" { throw CLIError.secretAsArgument(option: "FIELD") }
    }
}

private struct Move: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "mv")
    @Argument var title: String
    @Argument var newTitle: String
}

struct UsageReportTests {
    private static func report(_ arguments: String...) -> CLIError? {
        do {
            _ = try Root.parseAsRoot(arguments)
            return nil
        } catch { return UsageReport.usageError(error, arguments: arguments) }
    }

    private static func sentences(_ arguments: [String]) -> String {
        do {
            _ = try Root.parseAsRoot(arguments)
            return ""
        } catch {
            guard let usage = UsageReport.usageError(error, arguments: arguments) else { return "no report" }
            return ErrorReport(usage).sentences
        }
    }

    @Test(
        arguments: [
            (["show"], "TITLE is missing. See: coffer show --help"),
            (["mv", "a"], "NEW-TITLE is missing. See: coffer mv --help"),
            (["show", "a", "hunter2"], "Argument 3 is one more than coffer show takes. See: coffer show --help"),
            (["show", "a", "--password-fd"], "--password-fd lacks its value. See: coffer show --help"),
            (["show", "a", "-f"], "-f lacks its value. See: coffer show --help"),
            (
                ["show", "a", "--password-fd", "hunter2"],
                "The value of --password-fd is not one that it takes. See: coffer show --help"
            ),
            (
                ["show", "a", "--password-fd=hunter2"],
                "The value of --password-fd is not one that it takes. See: coffer show --help"
            ),
            (["show", "a", "--reveal=hunter2"], "--reveal takes no value. See: coffer show --help"),
            (
                ["show", "a", "--revael"],
                "Argument 3 is no option of coffer show. Did you mean --reveal? See: coffer show --help"
            ),
            (["show", "a", "--hunter2-hunter2"], "Argument 3 is no option of coffer show. See: coffer show --help"),
            (
                ["show", "a", "--reveal", "--recovery-key"],
                "--reveal and --recovery-key exclude each other. See: coffer show --help"
            ),
            (
                ["shwo", "a"],
                "The first word is no command of Coffer. Did you mean: coffer show? To see an entry: coffer show TITLE. All"
                    + " commands: coffer --help"
            ),
            (
                ["hunter2"],
                "The first word is no command of Coffer. To see an entry: coffer show TITLE. All commands: coffer --help"
            ),
        ] as [([String], String)])
    func `a mistake is named by its option or place`(_ arguments: [String], _ expected: String) {
        let sentences = Self.sentences(arguments)
        #expect(sentences == expected)
        #expect(!sentences.contains("unter2"))
    }

    @Test(arguments: [
        ["show", "a", "--password", "hunter2"], ["show", "a", "--password=hunter2"], ["show", "a", "--secret=hunter2"],
        ["show", "a", "--recovery-key=hunter2"],
    ])
    func `a secret given as an argument is refused as one, and not repeated`(_ arguments: [String]) {
        let option = String(arguments[2].prefix { $0 != "=" })
        #expect(Self.sentences(arguments) == ErrorReport(CLIError.secretAsArgument(option: option)).sentences)
        #expect(!Self.sentences(arguments).contains("hunter2"))
    }

    @Test func `an error of our own from a command's check is passed on`() {
        #expect(Self.report("show", "a", "--field", "cli") == .secretAsArgument(option: "FIELD"))
    }

    @Test func `what is not about the command line is no usage error`() {
        #expect(UsageReport.usageError(CLIError.interrupted, arguments: []) == nil)
        #expect(Self.report("show", "a") == nil)
    }
}
