/// Counts edits without opening what is the same on both sides (docs/sync.md, "What a machine remembers").
import CofferFormat
import CofferMerge
import CofferModel

struct EditCount {
    let vault: OpenVault

    /// With more entries that differ, nothing is counted.
    private static let entriesMaximum = 5000

    /// How many versions `other` has more than the vault, negative when it has fewer; nil when too much differs.
    func difference(to other: borrowing VaultState) throws(VaultError) -> Int? {
        let own = vault.state.index.records
        var difference =
            other.index.registry.versions.count - vault.state.index.registry.versions.count
            + other.index.settings.versions.count - vault.state.index.settings.versions.count
        var opened = 0
        for record in other.index.records where !vault.state.index.pinsSameBox(as: other.index, record) {
            opened += 1
            guard opened <= Self.entriesMaximum, let position = other.index.position(of: record.id) else { return nil }
            difference += try other.entry(at: position, vault.keys).versions.versions.count
            if vault.position(of: record.id) != nil {
                difference -= try vault.singleEntry(record.id).versions.versions.count
            }
        }
        for record in own where other.index.position(of: record.id) == nil {
            opened += 1
            guard opened <= Self.entriesMaximum else { return nil }
            difference -= try vault.singleEntry(record.id).versions.versions.count
        }
        return difference
    }
}
