/// `coffer kit`: the recovery key and its sheet.
import ArgumentParser
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferVault

struct KitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kit", abstract: "Make a new recovery key, or check the one you have.",
        discussion: "Example:\n  coffer kit check",
        subcommands: [New.self, Check.self])

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "new", abstract: "Make a new recovery key; the old one stops working for this vault.",
            discussion: """
                Shows the key once and asks two of its groups back, or writes the recovery sheet to a new file. Older copies \
                of the vault and its backups still open with the old key.

                Example:
                  coffer kit new --output ~/coffer-recovery.txt
                """)

        @OptionGroup var vaultOptions: VaultOptions

        @Option(
            name: .shortAndLong, help: ArgumentHelp("Write the recovery sheet to this new file.", valueName: "file"))
        var output: String?

        func run() throws {
            let prompt = vaultOptions.prompt
            guard output != nil || prompt.isAvailable else {
                throw CLIError.cannotAsk(.value(what: "the recovery key to be written down", option: "--output FILE"))
            }
            let session = try vaultOptions.openLocal()
            let (vault, author) = (session.vault, session.author)
            if let output { try OwnNames.refuse(output, besideVault: vault.path) }
            let hadOne = !vault.registry.live(.recovery).isEmpty
            let key = RecoveryKey.make(random: author.random)
            let sheet = RecoveryKit(
                vaultPath: vault.path, createdSeconds: author.nowSeconds(), option: "--output FILE")
            if let output {
                try sheet.write(key, to: output)
            } else {
                try sheet.show(key, prompt, random: author.random)
            }
            do {
                try vault.replaceSlot(Credential(recoveryKey: key), kdf: .none, author: author)
            } catch {
                // Nobody should keep a sheet whose key never counted. It is a file that was made a moment ago.
                // A save that is only unconfirmed has made the key count already.
                if let output, !error.leavesNewState { try? Folder.remove(output) }
                throw error
            }
            Output.message("Made a new recovery key for \(Shown.text(vault.path)).")
            if let output {
                Output.message("The recovery sheet is \(Shown.text(output)). Print it, then delete the file.")
            }
            if hadOne { OldKeys.say(of: vault, "old recovery key") }
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Say whether a recovery key opens the vault.",
            discussion: """
                Asks for the key. Ends with 0 when it opens the vault and with 3 when it does not.

                Example:
                  coffer kit check
                """)

        @OptionGroup var vaultOptions: VaultOptions

        func run() throws {
            guard vaultOptions.passwordFD == nil else {
                throw CLIError.usage(
                    why: "This checks a recovery key, and --password-fd gives a master password.",
                    remedy: "Leave it out to be asked for the key, or pass --recovery-key-fd N.")
            }
            var options = vaultOptions
            options.asksRecoveryKey = options.recoveryKeyFD == nil
            let vault = try options.openLocal().vault
            try Output.standard.print("This recovery key opens \(Shown.text(vault.path)).")
        }
    }
}
