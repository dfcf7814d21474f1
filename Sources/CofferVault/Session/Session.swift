/// What can be done with an unlocked vault, in one place (docs/architecture.md, "The road of data"): commands ask, the
/// session answers.
import CofferFormat
import CofferMerge
package import CofferModel

/// An open vault with the one who edits it.
package final class Session {
    package let vault: OpenVault
    package let author: Author
    package let machine: Machine

    package init(vault: OpenVault, author: Author, machine: Machine) {
        self.vault = vault
        self.author = author
        self.machine = machine
    }

    /// Saves edits of `entry` as it was shown.
    package func edit(_ entry: Entry, _ drafts: [Draft]) throws(VaultError) {
        guard !drafts.isEmpty else { return }
        try vault.save(Edits(entries: [try edits(entry, drafts)]))
    }

    /// Edits of `entry`, whose versions may come from entries that are joined into it: nothing of those is moved.
    func edits(_ entry: Entry, _ drafts: [Draft]) throws(VaultError) -> EntryEdit {
        let group = try vault.groupIDs(of: entry.id)
        let own = group.count > 1 ? try vault.singleEntry(entry.id).versions : entry.versions
        return EntryEdit(
            id: entry.id, versions: try mint(own, drafts), bringsText: drafts.contains(where: \.bringsText))
    }

    func mint(_ shown: EntryVersions, _ drafts: [Draft]) throws(VaultError) -> EntryVersions {
        do throws(MergeError) {
            return try author.versions(shown, adding: drafts)
        } catch {
            throw error.asVaultError(path: vault.path)
        }
    }

    /// The entry `id` as it is now, with what is joined into it.
    package func entryNow(_ id: EntryID) throws(VaultError) -> Entry {
        guard let position = vault.position(of: id) else {
            throw .notFound(what: "id:\(id.hexadecimal.prefix(8))", near: [])
        }
        return try vault.shownEntry(at: position)
    }
}
