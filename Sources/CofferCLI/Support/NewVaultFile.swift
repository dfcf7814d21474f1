/// Makes a vault file with a recovery key that counts: written down, or in a sheet beside it.
import CofferCrypto
import CofferFormat
import CofferVault

struct NewVaultFile {
    let path: String
    let recipe: VaultRecipe
    let author: Author
    let prompt: TerminalPrompt
    /// Where the recovery sheet goes; nil shows the key on the terminal.
    let kit: String?
    let hasRecoveryKey: Bool

    /// Writes the vault with the entries that `makeEntries` gives for its keys. What was made for a vault that is not
    /// there in the end is taken back: it would only stand in the way of the next attempt.
    func write(_ makeEntries: (KeyHierarchy) -> [EntryEdit] = { _ in [] }) throws {
        guard hasRecoveryKey else {
            let vault = try NewVault.make(recipe, author: author)
            return try vault.write(to: path, entries: makeEntries(vault.keys))
        }
        let recoveryKey = RecoveryKey.make(random: author.random)
        let vault = try NewVault.make(recipe, recoveryKey: recoveryKey, author: author)
        let sheet = RecoveryKit(vaultPath: path, createdSeconds: author.nowSeconds())
        // The key counts before the vault is there: nobody gets a vault with a key that was never kept.
        guard let kit else {
            try sheet.show(recoveryKey, prompt, random: author.random)
            return try vault.write(to: path, entries: makeEntries(vault.keys))
        }
        try sheet.write(recoveryKey, to: kit)
        do {
            try vault.write(to: path, entries: makeEntries(vault.keys))
        } catch {
            if !error.leavesNewState { try? Folder.remove(kit) }
            throw error
        }
    }
}
