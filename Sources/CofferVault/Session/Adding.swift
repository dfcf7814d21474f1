/// Adding many entries, and changing others, in one save.
package import CofferModel

extension Session {
    /// Adds `new` and saves `changes`, all of it or nothing. Titles and user names that exist are the caller's to look for.
    package func addAll(_ new: [NewEntry], changing changes: [(entry: Entry, drafts: [Draft])]) throws(VaultError) {
        var all: [EntryEdit] = []
        for entry in new { all.append(try edit(adding: entry)) }
        for change in changes where !change.drafts.isEmpty { all.append(try edits(change.entry, change.drafts)) }
        guard !all.isEmpty else { return }
        try save(all)
    }
}
