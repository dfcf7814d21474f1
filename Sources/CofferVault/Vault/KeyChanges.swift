/// Changes who can open a vault: master password, key file, recovery key (docs/format.md, "Key slot"). No entry is
/// touched.
import CofferCrypto
package import CofferFormat
import CofferMerge
import CofferModel

extension OpenVault {
    /// Makes `credential` the only one of its role. `kdf` is raised to the cost of the slots it replaces: nothing
    /// lowers a cost.
    package func replaceSlot(
        _ credential: Credential, kdf: SlotKDF, author: Author
    ) throws(VaultError) {
        let role: KeySlotParameters.Role = credential.kind == .password ? .password : .recovery
        let replaced = registry.live(role).map(\.slot.parameters.kdf)
        let slot = try keys.makeSlot(
            role, role == .password ? kdf.raised(to: replaced) : .none, isTest: false, credential: credential,
            random: author.random)
        // The slots that were shown are replaced, not those that another machine may have added meanwhile.
        let draft = registry.draft(slot)
        try transaction { () throws(VaultError) in
            do throws(MergeError) {
                let registry = try author.versions(state.index.registry, adding: [draft])
                return (Edits(registry: registry), ())
            } catch {
                throw error.asVaultError(path: path, place: "key slots that contradict each other")
            }
        }
    }
}

extension SlotKDF {
    /// This KDF with the highest cost of itself, the floor and those of `others` that are the same function.
    package func raised(to others: [SlotKDF]) -> SlotKDF {
        let same = others.filter { $0.number == number }
        let cost = max(cost, same.map(\.cost).max() ?? 0)
        let memoryKiB = max(memoryKiB, same.map(\.memoryKiB).max() ?? 0, UInt32(KDFLimits.argon2MemoryMinimumKiB))
        let iterations = max(cost, UInt32(KDFLimits.iterationsMinimum))
        return switch self {
        case .pbkdf2HMACSHA512: .pbkdf2HMACSHA512(iterations: iterations)
        case .pbkdf2HMACSHA256: .pbkdf2HMACSHA256(iterations: iterations)
        case .argon2id: .argon2id(passes: max(cost, UInt32(KDFLimits.argon2PassesMinimum)), memoryKiB: memoryKiB)
        case .none: .none
        }
    }
}
