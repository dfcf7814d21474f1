/// Shows a new recovery key so that it counts: written down and asked back, or in a file that was read back
/// (docs/format.md, "Key slot").
import CofferCrypto
import CofferMemory
import CofferModel
import CofferVault
import Glibc

struct RecoveryKit {
    let vaultPath: String
    let createdSeconds: UInt64
    /// What to pass where nobody can write the key down.
    var option = "--kit FILE or --no-recovery-key"

    /// How many groups are asked back.
    private static let askedCount = 2
    private static let attemptsMaximum = 3

    /// Writes the sheet to a new file that only its owner can read, and reads it back.
    func write(_ key: borrowing RecoveryKey, to path: String) throws {
        let sheet = sheet(key)
        try SecretFile.create(path, sheet.span)
        let read = try SecretFile.read(path, countMaximum: sheet.count)
        guard constantTimeEqual(read.span, sheet.span) else {
            throw VaultError.system(action: "read back", path: path, errno: EIO)
        }
    }

    /// Shows the key on the terminal, once, and asks two of its groups back.
    func show(_ key: borrowing RecoveryKey, _ prompt: TerminalPrompt, random: some CofferCrypto.RandomSource) throws {
        let absence = CLIError.Question.value(
            what: "the recovery key to be written down", option: option)
        let sheet = sheet(key)
        try prompt.show(sheet.span, or: absence)
        let text = key.text()
        var groups = Array(0..<RecoveryKey.groupCount)
        for _ in 0..<Self.askedCount {
            let drawn = Int(random.makeUniform(below: UInt32(groups.count)))
            do {
                try askBack(groups.remove(at: drawn), text, prompt, absence)
            } catch {
                Output.message("The recovery key above does not count: it opens nothing.")
                throw error
            }
        }
    }

    private func askBack(
        _ group: Int, _ text: borrowing SecretBytes, _ prompt: TerminalPrompt, _ absence: CLIError.Question
    ) throws {
        for attempt in 1...Self.attemptsMaximum {
            let typed = try prompt.askSecret(
                prompt: "Type group \(group + 1) of the recovery key (the ones after CR1-): ", or: absence,
                what: "The group")
            if RecoveryKey.isGroup(typed.span, group, of: text.span) { return }
            if attempt < Self.attemptsMaximum { Output.message("That is not group \(group + 1). Look again.") }
        }
        throw VaultError.refused(
            why: "the recovery key was not confirmed; nothing was changed",
            remedy: "Start again with pen and paper at hand, or have it written to a file: \(option)")
    }

    private func sheet(_ key: borrowing RecoveryKey) -> SecretBytes {
        var text = SecretBuilder(capacity: 2048)
        text.append("Coffer recovery sheet\n\n")
        text.append("Vault:         \(Shown.text(vaultPath))\n")
        text.append("Made:          \(UTCTime(clampingUnixSeconds: createdSeconds).text)\n")
        text.append("Recovery key:  ")
        text.append(key.text().span)
        text.append(
            """


            This key opens the vault without the master password. Whoever holds it and the
            vault file can read everything. Keep it on paper, in a safe place, away from
            this machine.

            Forgotten the master password?   coffer passwd --recovery-key
            Check this sheet once a year:    coffer kit check

            """)
        return text.finish()
    }
}
