/// `coffer init`: a new vault.
import ArgumentParser
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferVault

struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a new vault.",
        discussion: """
            Asks for a master password, measures this machine, and shows the recovery key once. Without a terminal, give \
            --new-password-fd, and --kit FILE or --no-recovery-key.

            Example:
              coffer init --kit ~/coffer-recovery.txt
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var newPassword: NewPasswordOptions
    @OptionGroup var kdfOptions: KDFOptions
    @OptionGroup var testKDF: TestKDFOptions

    @Option(help: ArgumentHelp("Write the recovery sheet to this new file.", valueName: "file"))
    var kit: String?

    @Flag(name: .customLong("no-recovery-key"), help: "Make no recovery key: a forgotten password is final.")
    var noRecoveryKey = false

    @Option(help: ArgumentHelp("What this machine is called in the vault, up to 16 bytes.", valueName: "name"))
    var machine: String?

    func validate() throws {
        if kit != nil && noRecoveryKey {
            throw CLIError.usage(
                why: "The options --kit and --no-recovery-key exclude each other.", remedy: "Leave one out.")
        }
    }

    func run() throws {
        let path = try Places.vault(vaultOptions.vault)
        if (try? Folder.status(path)) != nil { throw VaultError.vaultExists(path: path) }
        let prompt = vaultOptions.prompt
        guard kit != nil || noRecoveryKey || prompt.isAvailable else {
            throw CLIError.cannotAsk(
                .value(what: "the recovery key to be written down", option: "--kit FILE or --no-recovery-key"))
        }
        let recipe = VaultRecipe(
            credential: try readCredential(prompt), kdf: try kdfOptions.makeKDF(isTest: testKDF.isTest),
            isTestKDF: testKDF.isTest)
        let machine = try VaultOptions.machine(named: machine)
        let author = Author(machineLabel: machine.label, random: SystemRandom(), nowSeconds: VaultOptions.now)

        if noRecoveryKey {
            try NewVault.make(recipe, author: author).write(to: path)
        } else {
            let recoveryKey = RecoveryKey.make(random: author.random)
            let vault = try NewVault.make(recipe, recoveryKey: recoveryKey, author: author)
            let sheet = RecoveryKit(vaultPath: path, createdSeconds: author.nowSeconds())
            // The key counts before the vault is there: nobody gets a vault with a key that was never kept.
            if let kit {
                try sheet.write(recoveryKey, to: kit)
            } else {
                try sheet.show(recoveryKey, prompt, random: author.random)
            }
            do {
                try vault.write(to: path)
            } catch {
                // A sheet for a vault that is not there only stands in the way of the next attempt.
                if let kit, (try? Folder.status(path)) == nil { try? Folder.remove(kit) }
                throw error
            }
        }
        Output.message("Made the vault \(Shown.text(path)) (\(recipe.kdf.text)).")
        if let kit { Output.message("The recovery sheet is \(Shown.text(kit)). Print it, then delete the file.") }
        Output.message("Put something in it: coffer add TITLE")
    }

    /// The new master password may also come as `--password-fd`: there is no old one that it could be taken for.
    private func readCredential(_ prompt: TerminalPrompt) throws -> Credential {
        var reader = newPassword
        reader.newPasswordFD = newPassword.newPasswordFD ?? vaultOptions.passwordFD
        let password = try reader.read(prompt)
        guard let path = vaultOptions.keyFile else { return Credential(password: password) }
        if (try? Folder.status(path)) == nil { try KeyFile.create(path: path, random: SystemRandom()) }
        return Credential(password: password, keyFile: try KeyFile(path: path))
    }
}
