/// Asks for or reads a new master password (docs/cli.md, "Rules").
import ArgumentParser
import CofferMemory
import CofferVault

struct NewPasswordOptions: ParsableArguments {
    @Option(
        name: .customLong("new-password-fd"),
        help: ArgumentHelp("Read the new master password from this file descriptor.", valueName: "n"))
    var newPasswordFD: Int?

    /// Below this, a new password on a terminal is commented on, not refused.
    private static let shortCount = 12

    /// The new master password: from the descriptor, or asked twice.
    func read(_ person: PersonPrompt) throws -> MasterPassword {
        if let newPasswordFD {
            let line = try SecretInput(descriptor: newPasswordFD, option: "--new-password-fd").readLine()
            return try MasterPassword(line.span)
        }
        let typed = try person.askNewSecret(
            prompt: "New master password: ", repeatPrompt: "The same again: ",
            or: .value(what: "the new master password", option: "--new-password-fd"), what: "The master password")
        if typed.count < Self.shortCount {
            Output.message(
                "coffer: that is a short master password. Six random words are strong and easy to learn: coffer generate --words 6"
            )
        }
        return try MasterPassword(typed.span)
    }
}
