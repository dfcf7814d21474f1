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

    /// The edit of `settings` that adds the key of `keys`; nil when they hold one.
    static func draft(_ settings: EntryVersions, _ keys: KeyHierarchy) -> Draft? {
        key(settings) == nil ? Draft(field: field, value: .bytes(keys.elementNameKey)) : nil
    }
}
