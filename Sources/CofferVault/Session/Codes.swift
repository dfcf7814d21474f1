/// Backup codes: enrolling, drawing, marking, taking back (docs/merge.md).
import CofferFormat
package import CofferMemory
package import CofferModel

/// What became of codes that were added.
package struct CodesAdded: Equatable, Sendable {
    package let added: Int
    /// Codes that the entry had already.
    package let known: Int
    /// Of those, the ones that the list calls used and that were not.
    package let markedUsed: Int
}

/// A code that was drawn, with what is left.
package struct CodeDrawn: Sendable {
    package let code: SecretSlice
    package let unusedLeft: Int
}

extension Session {
    /// Adds codes to the newest active set, or makes a set when there is none.
    @discardableResult
    package func addCodes(_ entry: Entry, _ new: NewCodes) throws(VaultError) -> CodesAdded {
        let active = BackupCodes(entry).active
        let set = active.last?.id ?? vault.keys.codeSetID(new.codes.map(\.text))
        let all = codeDrafts(new, set: set, spent: Self.spentCodes(entry))
        let drafts = all.filter { draft in entry.heads[draft.field] == nil || draft.field == .codeSet(set) }
        // A code that the list calls used is used, known or not; one that it does not is left as it is.
        let spent = all.filter { draft in
            guard entry.heads[draft.field] != nil, case .marked(_, true) = draft.value else { return false }
            return entry.value(draft.field) != draft.value
        }
        let codes = drafts.count { $0.field != .codeSet(set) }
        let changed = (codes > 0 ? drafts : []) + spent
        try edit(entry, changed.compactMap { entry.draft($0.field, $0.value) })
        return CodesAdded(added: codes, known: new.codes.count - codes, markedUsed: spent.count)
    }

    /// Enrols a new set; the sets before it are retired and stay in the history.
    package func replaceCodes(_ entry: Entry, _ new: NewCodes) throws(VaultError) {
        let known = BackupCodes(entry).sets.flatMap(\.codes)
        guard !new.codes.allSatisfy({ code in known.contains { $0.text == code.text } }) else {
            throw .refused(
                why: "all of these codes are known already: that is the old list; nothing was changed",
                remedy: "Make new codes on the service's page, and give the list that it shows then.")
        }
        let set = vault.keys.codeSetID(new.codes.map(\.text))
        var drafts: [Draft] = []
        for old in BackupCodes(entry).active where old.id != set {
            drafts += [entry.draft(.codeSet(old.id), .number(1))].compactMap { $0 }
        }
        for draft in codeDrafts(new, set: set, spent: Self.spentCodes(entry)) {
            // A code of this set that was used stays used.
            if case .element(FieldName.Kind.code, _) = draft.field, entry.heads[draft.field] != nil { continue }
            drafts += [entry.draft(draft.field, draft.value)].compactMap { $0 }
        }
        try edit(entry, drafts)
    }

    /// Draws an unused code: reads, marks and saves under the lock, and returns only what is saved.
    package func drawCode(_ id: EntryID) throws(VaultError) -> CodeDrawn {
        try vault.transaction { () throws(VaultError) in
            let entry = try entryNow(id)
            let codes = BackupCodes(entry)
            guard let code = codes.next(order: machine.codeOrder) else {
                throw VaultError.notInEntry(what: "unused backup code", title: entry.title)
            }
            let draft = entry.draft(code.field, .marked(code.text, true))
            let edit = try edits(entry, [draft].compactMap { $0 })
            return (Edits(entries: [edit]), CodeDrawn(code: code.text, unusedLeft: codes.unusedCount - 1))
        }
    }

    /// Marks a code that was used elsewhere; returns how many unused ones are left.
    package func markUsed(_ entry: Entry, _ text: SecretSlice) throws(VaultError) -> Int {
        let codes = BackupCodes(entry)
        let matches = codes.active.flatMap(\.codes).filter { $0.text == text }
        guard !matches.isEmpty else {
            throw .notInEntry(what: "such code among the backup codes", title: entry.title)
        }
        try edit(entry, matches.compactMap { entry.draft($0.field, .marked($0.text, true)) })
        return codes.unusedCount - matches.count { !$0.isUsed }
    }

    /// Makes the code that was used last unused again; returns how many unused ones there are then.
    package func undoLastUse(_ entry: Entry) throws(VaultError) -> Int {
        let codes = BackupCodes(entry)
        let used = codes.active.flatMap(\.codes).filter(\.isUsed)
        guard let last = used.max(by: { ($0.usedAtSeconds ?? 0, $0.field) < ($1.usedAtSeconds ?? 0, $1.field) }) else {
            throw .notInEntry(what: "used backup code", title: entry.title)
        }
        try edit(entry, [entry.draft(last.field, .marked(last.text, false))].compactMap { $0 })
        return codes.unusedCount + 1
    }

    /// The codes that any set of the entry, retired ones included, calls used: a service takes a code once, whatever list it
    /// stands on.
    private static func spentCodes(_ entry: Entry) -> [SecretSlice] {
        BackupCodes(entry).sets.flatMap(\.codes).filter(\.isUsed).map(\.text)
    }

    /// The set and its codes, one edit each; those that are `spent` are used from the start.
    func codeDrafts(_ new: NewCodes, set: [UInt8], spent: [SecretSlice] = []) -> [Draft] {
        var drafts = [Draft(field: .codeSet(set), value: .number(0))]
        var fields: Set<FieldName> = []
        for code in new.codes {
            let field = vault.keys.codeField(set: set, code.text)
            guard fields.insert(field).inserted else { continue }
            drafts.append(Draft(field: field, value: .marked(code.text, code.isUsed || spent.contains(code.text))))
        }
        return drafts
    }
}
