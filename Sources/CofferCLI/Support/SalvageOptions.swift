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
        newPassword.newPasswordFD != nil || kdfOptions.kdf != nil || kdfOptions.iterations != nil || testKDF.isTest
            || kit != nil || noRecoveryKey
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
        let given = try vaultOptions.credential()
        let salvage = try read(path, given)
        guard !salvage.entries.isEmpty else {
            throw VaultError.damaged(path: path, place: "no entry in it is intact")
        }
        let recipe = VaultRecipe(
            credential: try credential(given, vaultOptions), kdf: try kdfOptions.makeKDF(isTest: testKDF.isTest),
            isTestKDF: testKDF.isTest)
        try write(salvage, recipe, try VaultOptions.author(), prompt, output)
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
        let password = try newPassword.read(vaultOptions.prompt)
        return Credential(password: password, keyFile: try vaultOptions.keyFile.map { try KeyFile(path: $0) })
    }

    private func write(
        _ salvage: Salvage, _ recipe: VaultRecipe, _ author: Author, _ prompt: TerminalPrompt, _ output: String
    ) throws {
        guard !noRecoveryKey else {
            let vault = try NewVault.make(recipe, author: author)
            return try vault.write(to: output, entries: salvage.entries(renamedFor: vault.keys))
        }
        let key = RecoveryKey.make(random: author.random)
        let vault = try NewVault.make(recipe, recoveryKey: key, author: author)
        let sheet = RecoveryKit(vaultPath: output, createdSeconds: author.nowSeconds())
        if let kit { try sheet.write(key, to: kit) } else { try sheet.show(key, prompt, random: author.random) }
        try vault.write(to: output, entries: salvage.entries(renamedFor: vault.keys))
    }
}

/// What was rescued, and what the old index knows besides.
struct SalvageReport {
    let salvage: Salvage
    let source: String
    let output: String
    let kit: String?

    func print() throws {
        let recovered = salvage.entries.count
        if let missing = salvage.missing {
            try Output.standard.print(
                "Rescued \(recovered) of \(recovered + missing.count) entries into \(Shown.text(output)).")
            for entry in missing {
                try Output.standard.print("missing: \(Shown.text(entry.title)) (id:\(entry.id.hexadecimal.prefix(8)))")
            }
        } else {
            let count = recovered == 1 ? "1 entry" : "\(recovered) entries"
            try Output.standard.print(
                "Rescued \(count) into \(Shown.text(output)); the index is lost, so nobody can say whether there were more."
            )
        }
        if let kit { Output.message("The recovery sheet is \(Shown.text(kit)). Print it, then delete the file.") }
        Output.message(
            "\(Shown.text(source)) was left as it is. Compare with its backups before you delete anything: coffer backups"
        )
    }

    func printJSON() throws {
        var json = JSONWriter(PrivateBuilder(capacity: 1024))
        json.beginObject()
        json.member("output", output)
        json.member("rescued", salvage.entries.count)
        json.key("missing")
        if let missing = salvage.missing {
            json.beginArray()
            for entry in missing {
                json.beginObject()
                json.member("id", entry.id.hexadecimal)
                json.member("title", entry.title)
                json.endObject()
            }
            json.endArray()
        } else {
            json.null()
        }
        json.endObject()
        let text = json.finish()
        try Output.standard.write(text.span)
    }
}
