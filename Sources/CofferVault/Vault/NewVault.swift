/// Makes a new vault (docs/format.md, "The file").
package import CofferCrypto
package import CofferFormat
import CofferMerge
import CofferMemory
import CofferModel

/// What a new vault is made of.
package struct VaultRecipe: Sendable {
    package let credential: Credential
    package let kdf: SlotKDF
    /// Allows a cost below the floor and marks the slot.
    package let isTestKDF: Bool

    package init(credential: Credential, kdf: SlotKDF, isTestKDF: Bool = false) {
        self.credential = credential
        self.kdf = kdf
        self.isTestKDF = isTestKDF
    }
}

/// A vault that is made and not yet written, so that its recovery key can be shown and asked back first.
package struct NewVault: ~Copyable {
    /// The keys of the vault to be.
    package let keys: KeyHierarchy
    private let slots: [KeySlot]
    private let author: Author

    /// Draws the vault's id and key, and makes its slots; the KDF runs once.
    package static func make(
        _ recipe: VaultRecipe, recoveryKey: borrowing RecoveryKey, author: Author
    ) throws(VaultError) -> NewVault {
        try make(recipe, recovery: Credential(recoveryKey: recoveryKey), author: author)
    }

    /// The same without a recovery key.
    package static func make(_ recipe: VaultRecipe, author: Author) throws(VaultError) -> NewVault {
        try make(recipe, recovery: nil, author: author)
    }

    private static func make(
        _ recipe: VaultRecipe, recovery: Credential?, author: Author
    ) throws(VaultError) -> NewVault {
        let random = author.random
        let context = VaultContext(vaultID: random.makeBytes(count: VaultContext.vaultIDCount), epoch: 1)
        let keys = KeyHierarchy(VaultKey.make(random: random), context)
        var slots = [
            try keys.makeSlot(
                .password, recipe.kdf, isTest: recipe.isTestKDF, credential: recipe.credential, random: random)
        ]
        if let recovery {
            slots.append(try keys.makeSlot(.recovery, .none, isTest: false, credential: recovery, random: random))
        }
        return NewVault(keys: keys, slots: slots, author: author)
    }

    /// Writes the vault to `path`, where nothing may be yet; missing folders are made.
    package func write(to path: String, entries: [EntryEdit] = []) throws(VaultError) {
        do throws(SystemError) {
            try Folder.make(Folder.parent(of: path))
        } catch {
            throw .system(action: "make the folder of", path: path, errno: error.number)
        }
        let lock = try VaultLock.acquire(besideVault: path)
        defer { _ = lock }
        if (try? Folder.status(path)) != nil { throw .vaultExists(path: path) }
        guard let registry = try? EntryVersions(slots.map { author.mint(Draft(slot: $0)) }) else {
            throw .damaged(path: path, place: "key slots")
        }
        try VaultWriter(path: path, keys: keys).create(entries, registry: registry)
    }
}

extension Draft {
    /// The first slot of its role.
    fileprivate init(slot: KeySlot) {
        self.init(
            field: SlotRegistry.field(slot.parameters.role), value: .bytes(.init(copying: slot.encoded)))
    }
}

extension KeyHierarchy {
    /// A slot that wraps this vault's key for `credential`.
    package func makeSlot(
        _ role: KeySlotParameters.Role, _ kdf: SlotKDF, isTest: Bool, credential: Credential,
        random: any CofferCrypto.RandomSource & Sendable
    ) throws(VaultError) -> KeySlot {
        do throws(CryptoError) {
            return try SlotKeys.make(
                role: role, kdf: kdf, isTest: isTest, credential: credential, vaultKey: vaultKey, context,
                random: random)
        } catch {
            throw .limitExceeded(what: "the memory that the key derivation asks for")
        }
    }
}
