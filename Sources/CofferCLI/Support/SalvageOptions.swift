/// Makes a new vault of what is intact in a damaged one (`coffer verify --salvage`).
import ArgumentParser
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferModel
import CofferVault

struct SalvageOptions: ParsableArguments {
    @OptionGroup var newPassword: NewPasswordOptions
    @OptionGroup var kdfOptions: KDFOptions
    @OptionGroup var testKDF: TestKDFOptions

    @Option(help: ArgumentHelp("Write the new recovery sheet to this new file.", valueName: "file"))
    var kit: String?

    @Flag(name: .customLong("no-recovery-key"), help: "Make no recovery key for the new vault.")
    var noRecoveryKey = false

    var isUsed: Bool {
        newPassword.newPasswordFD != nil || kdfOptions.unlockSeconds != nil || kdfOptions.kdf != nil
            || kdfOptions.iterations != nil || testKDF.isTest || kit != nil || noRecoveryKey
    }

    func validate() throws {
        if kit != nil && noRecoveryKey {
            throw CLIError.usage(
                why: "The options --kit and --no-recovery-key exclude each other.", remedy: "Leave one out.")
        }
    }

    /// Reads the damaged file and writes the new vault to `output`, where nothing may be yet.
    func run(_ vaultOptions: VaultOptions, to output: String) throws -> SalvageReport {
        if (try? Folder.status(output)) != nil { throw VaultError.vaultExists(path: output) }
        let prompt = vaultOptions.prompt
        guard kit != nil || noRecoveryKey || prompt.isAvailable else {
            throw CLIError.cannotAsk(
                .value(what: "the recovery key to be written down", option: "--kit FILE or --no-recovery-key"))
        }
        let path = try Places.vault(vaultOptions.vault)
        try OwnNames.refuse(output, besideVault: path)
        if let kit {
            try OwnNames.refuse(kit, besideVault: path)
            try OwnNames.refuse(kit, besideVault: output)
        }
        let given = try vaultOptions.credential()
        let salvage = try read(path, given)
        guard !salvage.entries.isEmpty else {
            throw VaultError.damaged(path: path, place: "no entry in it is intact")
        }
        let recipe = VaultRecipe(
            credential: try credential(given, vaultOptions), kdf: try kdfOptions.makeKDF(isTest: testKDF.isTest),
            isTestKDF: testKDF.isTest)
        let file = NewVaultFile(
            path: output, recipe: recipe, author: VaultOptions.author(try VaultOptions.machine()), prompt: prompt,
            kit: kit,
            hasRecoveryKey: !noRecoveryKey)
        try file.write { keys in salvage.entries(renamedFor: keys) }
        return SalvageReport(salvage: salvage, source: path, output: output, kit: kit)
    }

    private func read(_ path: String, _ credential: Credential) throws -> Salvage {
        do {
            return try Salvage.read(path, credential)
        } catch {
            guard case .wrongPassword = error, credential.kind == .recoveryKey else { throw error }
            throw CLIError.wrongRecoveryKey(path: path)
        }
    }

    /// The password that opened the old vault, unless there was none or another is wanted.
    private func credential(_ given: Credential, _ vaultOptions: VaultOptions) throws -> Credential {
        guard given.kind == .recoveryKey || newPassword.newPasswordFD != nil else { return given }
        let password = try newPassword.read(vaultOptions.person)
        return Credential(password: password, keyFile: try vaultOptions.keyFile.map { try KeyFile(path: $0) })
    }
}
