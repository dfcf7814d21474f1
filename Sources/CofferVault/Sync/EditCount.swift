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
        for position in vault.state.index.differences(from: other.index) {
            opened += 1
            guard opened <= Self.entriesMaximum else { return nil }
            difference += try other.versions(at: position, vault.keys).versions.count
            if let own = vault.position(of: other.index.records[position].id) {
                difference -= try vault.state.versions(at: own, vault.keys).versions.count
            }
        }
        for (position, record) in own.enumerated() where other.index.position(of: record.id) == nil {
            opened += 1
            guard opened <= Self.entriesMaximum else { return nil }
            difference -= try vault.state.versions(at: position, vault.keys).versions.count
        }
        return difference
    }
}
