/// `coffer passwd`: another master password.
import ArgumentParser
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferVault

struct PasswdCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "passwd", abstract: "Change the master password.",
        discussion: """
            Opens the vault with the present password or, with --recovery-key, without it. What opening costs is measured \
            anew and never gets lower. The entries are not touched, and nothing is revoked: older copies of the vault and \
            its backups still open with the old password.

            To pass both passwords through one descriptor, write the old one on its first line and the new one on its \
            second, and name it for --password-fd and --new-password-fd.

            Examples:
              coffer passwd
              coffer passwd --recovery-key
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var newPassword: NewPasswordOptions
    @OptionGroup var kdfOptions: KDFOptions

    @Flag(name: .customLong("drop-key-file"), help: "Let the new password open the vault without a key file.")
    var dropKeyFile = false

    func run() throws {
        let session = try vaultOptions.openLocal()
        let vault = session.vault
        let present = vault.registry.live(.password).map(\.slot.parameters)
        let keyFile = try keyFile(present)
        let password = try newPassword.read(vaultOptions.person)
        let measured = try kdfOptions.makeKDF(present: present.first?.kdf.name ?? KDFOptions.defaultName)
        try vault.replaceSlot(Credential(password: password, keyFile: keyFile), kdf: measured, author: session.author)

        let kdf = vault.registry.live(.password).first?.slot.parameters.kdf ?? measured
        Output.message("Changed the master password of \(Shown.text(vault.path)) (\(kdf.text)).")
        if measured.number == kdf.number && measured.cost < kdf.cost && kdfOptions.iterations != nil {
            Output.message("Nothing lowers a cost: it stays \(kdf.costText ?? "what it was").")
        }
        if present.count > 1 {
            Output.message("It takes the place of \(present.count) passwords that were set on different machines.")
        }
        OldKeys.say(of: vault, "old password")
    }

    /// The key file stays what it was: it is neither added nor lost without a word.
    private func keyFile(_ present: [KeySlotParameters]) throws -> KeyFile? {
        guard !dropKeyFile, present.contains(where: { $0.flags.contains(.keyFile) }) else { return nil }
        return try vaultOptions.requiredKeyFile()
    }
}
