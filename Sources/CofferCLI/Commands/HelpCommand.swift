/// `coffer help`: a command's help, or a page about what several commands share.
import ArgumentParser
import CofferModel

struct HelpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "help", abstract: "Explain a command or a topic.",
        discussion: """
            TOPIC is a command, or one of: \(HelpTopic.names).

            Examples:
              coffer help kit new
              coffer help exit-codes
            """,
        // The parser lists a help command of its own, whose name leads here.
        shouldDisplay: false)

    @Argument(help: "A command or a topic; nothing: all commands.")
    var topic: [String] = []

    func run() throws {
        if topic.isEmpty {
            try Output.standard.print(Coffer.helpMessage())
            return try Output.standard.print(
                "\nTOPICS: \(HelpTopic.names) (coffer help TOPIC)")
        }
        if let command = Self.command(topic) { return try Output.standard.print(Coffer.helpMessage(for: command)) }
        if topic.count == 1, let page = HelpTopic.all.first(where: { $0.name == topic[0] }) {
            return try Output.standard.print(page.text)
        }
        let names = HelpTopic.all.map(\.name) + Coffer.configuration.subcommands.map { $0._commandName }
        let near = topic.count == 1 ? NearNames.nearest(to: topic[0], among: names, limit: 1) : []
        throw CLIError.usage(
            why: "There is no command or topic of that name.",
            remedy: (near.first.map { "Did you mean: coffer help \($0)? " } ?? "") + "All of them: coffer help")
    }

    /// The command that the words name, by names or aliases.
    private static func command(_ words: [String]) -> (any ParsableCommand.Type)? {
        var command: any ParsableCommand.Type = Coffer.self
        for word in words {
            let found = command.configuration.subcommands.first { candidate in
                candidate._commandName == word || candidate.configuration.aliases.contains(word)
            }
            guard let found else { return nil }
            command = found
        }
        return command
    }
}
