/// Keeps the names of elements when the vault key changes (docs/format.md, "Index", the setting `element names`).
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferMerge
import CofferModel

/// Tags, URLs and backup codes are named by a keyed hash. The names are sealed, so the key need not change with the vault
/// key, and must not: one code under two names could be drawn twice.
enum ElementNameSetting {
    static let field = FieldName.custom("element names")

    /// The key that the settings hold; nil in a vault whose key was never changed.
    static func key(_ settings: EntryVersions) -> SecretSlice? {
        guard !settings.isEmpty else { return nil }
        for head in settings.visibleHeads where head.field == field {
            if case .bytes(let key)? = head.content?.value, key.count == keyCount { return key }
        }
        return nil
    }

    /// `settings` with the key of `keys`, unless they hold one.
    static func added(
        to settings: EntryVersions, _ keys: KeyHierarchy, _ author: Author
    ) throws(VaultError) -> EntryVersions {
        guard key(settings) == nil else { return settings }
        do throws(MergeError) {
            return try author.versions(settings, adding: [Draft(field: field, value: .bytes(keys.elementNameKey))])
        } catch {
            throw error.asVaultError(path: "", place: "settings")
        }
    }
}
