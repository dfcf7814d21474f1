/// The commands that scripts run most, in their plainest form, without the argument parser (docs/decisions/0011).
import ArgumentParser

/// The parser looks through all that a program of this size declares before it looks at an argument, which takes longer than
/// what these commands do. Only words without an option are taken here; everything else, a mistake too, is the parser's.
enum QuickCommand {
    /// Nil where the parser is to say what is meant.
    static func make(_ arguments: [String]) -> (any ParsableCommand)? {
        guard let name = arguments.first, arguments.allSatisfy({ !$0.hasPrefix("-") && !$0.isEmpty }) else {
            return nil
        }
        switch (name, arguments.count) {
        case ("get", 2...3): return get(arguments[1], arguments.count == 3 ? arguments[2] : "password")
        case ("show", 2): return show(arguments[1])
        case ("ls", 1...2): return list(arguments.dropFirst().first)
        case ("otp", 1...2):
            let title = arguments.dropFirst().first
            // A subcommand, or a title that is the name of one.
            guard !OtpCommand.isSubcommand(title) else { return nil }
            return otp(title)
        default: return nil
        }
    }

    // Every option is given its value: what the parser would have set is not readable before it is set.

    private static func get(_ title: String, _ field: String) -> GetCommand {
        var command = GetCommand()
        command.vaultOptions = vaultOptions
        command.entryOptions = entryOptions(title)
        command.field = field
        command.pickOptions = pickOptions
        command.clipOptions = clipOptions
        return command
    }

    private static func show(_ title: String) -> ShowCommand {
        var command = ShowCommand()
        command.vaultOptions = vaultOptions
        command.entryOptions = entryOptions(title)
        command.field = nil
        command.reveal = false
        command.json = false
        command.pickOptions = pickOptions
        command.clipOptions = clipOptions
        return command
    }

    private static func list(_ prefix: String?) -> LsCommand {
        var command = LsCommand()
        command.vaultOptions = vaultOptions
        command.prefix = prefix
        command.tag = []
        command.username = nil
        command.trash = false
        command.json = false
        return command
    }

    private static func otp(_ title: String?) -> OtpShowCommand {
        var command = OtpShowCommand()
        command.vaultOptions = vaultOptions
        command.title = title
        command.username = nil
        command.at = nil
        command.fresh = nil
        command.next = false
        command.watch = false
        command.json = false
        command.pickOptions = pickOptions
        command.clipOptions = clipOptions
        return command
    }

    private static var vaultOptions: VaultOptions {
        var options = VaultOptions()
        options.vault = nil
        options.passwordFD = nil
        options.keyFile = nil
        options.asksRecoveryKey = false
        options.recoveryKeyFD = nil
        options.noInput = false
        return options
    }

    private static func entryOptions(_ title: String) -> EntryOptions {
        var options = EntryOptions()
        options.title = title
        options.username = nil
        return options
    }

    private static var pickOptions: PickOptions {
        var options = PickOptions()
        options.pickName = nil
        return options
    }

    private static var clipOptions: ClipOptions {
        var options = ClipOptions()
        options.clip = false
        return options
    }
}
