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
        for own in [kit, keyFilePath] { try own.map { try OwnNames.refuse($0, besideVault: path) } }
        let prompt = vaultOptions.prompt
        guard kit != nil || noRecoveryKey || prompt.isAvailable else {
            throw CLIError.cannotAsk(
                .value(what: "the recovery key to be written down", option: "--kit FILE or --no-recovery-key"))
        }
        // What can be wrong with the options is told before anything is asked.
        let kdf = try kdfOptions.makeKDF(isTest: testKDF.isTest)
        let machine = try VaultOptions.machine(named: machine)
        let password = try readPassword()
        let author = VaultOptions.author(machine)
        var hasMadeKeyFile = false
        do {
            if let keyFilePath, (try? Folder.status(keyFilePath)) == nil {
                try KeyFile.create(path: keyFilePath, random: author.random)
                hasMadeKeyFile = true
            }
            let keyFile = try keyFilePath.map { try KeyFile(path: $0) }
            let recipe = VaultRecipe(
                credential: Credential(password: password, keyFile: keyFile), kdf: kdf, isTestKDF: testKDF.isTest)
            try NewVaultFile(
                path: path, recipe: recipe, author: author, prompt: prompt, kit: kit, hasRecoveryKey: !noRecoveryKey
            ).write()
        } catch {
            // A key file for a vault that is not there only stands in the way of the next attempt.
            let isVaultThere = (error as? VaultError)?.leavesNewState ?? false
            if hasMadeKeyFile && !isVaultThere, let keyFilePath { try? Folder.remove(keyFilePath) }
            throw error
        }
        Output.message("Made the vault \(Shown.text(path)) (\(kdf.text)).")
        if let kit { Output.message("The recovery sheet is \(Shown.text(kit)). Print it, then delete the file.") }
        Output.message("Put something in it: coffer add TITLE")
    }

    private var keyFilePath: String? { vaultOptions.keyFile }

    /// The new master password may also come as `--password-fd`: there is no old one that it could be taken for.
    private func readPassword() throws -> MasterPassword {
        var reader = newPassword
        reader.newPasswordFD = newPassword.newPasswordFD ?? vaultOptions.passwordFD
        return try reader.read(vaultOptions.person)
    }
}
