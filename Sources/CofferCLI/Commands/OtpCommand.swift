/// `coffer otp`: the commands about one-time passwords.
import ArgumentParser

struct OtpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "otp", abstract: "Print one-time passwords; add and remove their keys.",
        discussion: """
            Without a subcommand, prints codes: all options are in coffer otp show --help. An entry whose title is the \
            name of a subcommand is reached by coffer otp show TITLE.

            Examples:
              coffer otp work/vk-cloud
              coffer otp add work/vk-cloud
            """,
        subcommands: [
            OtpShowCommand.self, OtpAddCommand.self, OtpQRCommand.self, OtpImportGoogleCommand.self,
            OtpExportGoogleCommand.self, OtpRemoveCommand.self,
        ],
        defaultSubcommand: OtpShowCommand.self, aliases: ["code"])

    /// Whether `word` stands for a subcommand here.
    static func isSubcommand(_ word: String?) -> Bool {
        guard let word else { return false }
        return word == "help"
            || configuration.subcommands.contains { subcommand in
                subcommand._commandName == word || subcommand.configuration.aliases.contains(word)
            }
    }
}
