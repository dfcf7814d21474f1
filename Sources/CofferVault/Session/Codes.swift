/// Backup codes: enrolling, drawing, marking, taking back (docs/merge.md).
import CofferFormat
package import CofferMemory
package import CofferModel

/// What became of codes that were added.
package struct CodesAdded: Equatable, Sendable {
    package let added: Int
    /// Of those, the ones that another set of the entry, a retired one perhaps, calls used: they stay used.
    package let usedBefore: Int
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
    /// Adds codes to the newest active set, or makes a set when there is none. What is known already is known by its text.
    @discardableResult
    package func addCodes(_ entry: Entry, _ new: NewCodes) throws(VaultError) -> CodesAdded {
        let codes = BackupCodes(entry)
        let active = CodesByText(codes.active.flatMap(\.codes))
        let all = CodesByText(codes.sets.flatMap(\.codes))
        let set: [UInt8]
        if let last = codes.active.last { set = last.id } else { set = try codeSetID(new.codes.map(\.text)) }
        var (added, usedBefore, markedUsed) = (0, 0, 0)
        var drafts: [Draft] = []
        for draft in try codeDrafts(new, set: set) {
            guard case .marked(let text, let isListedUsed) = draft.value else {
                drafts += [entry.draft(draft.field, draft.value)].compactMap { $0 }
                continue
            }
            let isUsed = all.all(text).contains(where: \.isUsed)
            if active.all(text).isEmpty {
                added += 1
                if isUsed && !isListedUsed { usedBefore += 1 }
                drafts += [entry.draft(draft.field, .marked(text, isUsed || isListedUsed))].compactMap { $0 }
            } else if isListedUsed && !isUsed {
                // A code that the list calls used is used, known or not; one that it does not is left as it is.
                markedUsed += 1
            }
            if isListedUsed { drafts += Self.marks(entry, all.all(text), isUsed: true, except: drafts.last?.field) }
        }
        // With nothing new, no set is made or brought back either.
        if added == 0 { drafts.removeAll { $0.field == .codeSet(set) } }
        try edit(entry, drafts)
        return CodesAdded(
            added: added, usedBefore: usedBefore, known: new.codes.count - added, markedUsed: markedUsed)
    }

    /// Enrols a new set; the sets before it are retired and stay in the history. Returns how many of the new codes were
    /// used before: they stay used.
    @discardableResult
    package func replaceCodes(_ entry: Entry, _ new: NewCodes) throws(VaultError) -> Int {
        let (drafts, usedBefore) = try replacingDrafts(entry, new)
        try edit(entry, drafts)
        return usedBefore
    }

    /// The edits of ``replaceCodes(_:_:)``, and how many of the new codes were used before.
    func replacingDrafts(_ entry: Entry, _ new: NewCodes) throws(VaultError) -> (drafts: [Draft], usedBefore: Int) {
        let codes = BackupCodes(entry)
        let all = CodesByText(codes.sets.flatMap(\.codes))
        guard !new.codes.allSatisfy({ !all.all($0.text).isEmpty }) else {
            throw .refused(
                why: "all of these codes are known already: that is the old list; nothing was changed",
                remedy: "Make new codes on the service's page, and give the list that it shows then.")
        }
        let set = try codeSetID(new.codes.map(\.text))
        var usedBefore = 0
        var drafts: [Draft] = []
        for old in codes.active where old.id != set {
            drafts += [entry.draft(.codeSet(old.id), .number(1))].compactMap { $0 }
        }
        for draft in try codeDrafts(new, set: set) {
            var value = draft.value
            if case .marked(let text, let isListedUsed) = value, all.all(text).contains(where: \.isUsed) {
                value = .marked(text, true)
                if !isListedUsed { usedBefore += 1 }
            }
            drafts += [entry.draft(draft.field, value)].compactMap { $0 }
        }
        return (drafts, usedBefore)
    }

    /// Draws an unused code: reads, marks and saves under the lock, and returns only what is saved.
    package func drawCode(_ id: EntryID) throws(VaultError) -> CodeDrawn { try answer(DrawCode(id: id)) }

    /// Marks a code that was used elsewhere; returns how many unused ones are left.
    package func markUsed(_ entry: Entry, _ text: SecretSlice) throws(VaultError) -> Int {
        let codes = BackupCodes(entry)
        let matches = CodesByText(codes.active.flatMap(\.codes)).all(text)
        guard !matches.isEmpty else {
            throw .notInEntry(what: "such code among the backup codes", title: entry.title)
        }
        try edit(entry, Self.marks(entry, matches, isUsed: true))
        return codes.unusedCount - matches.count { !$0.isUsed }
    }

    /// Makes the code that was used last unused again, in every set; returns how many unused ones there are then.
    package func undoLastUse(_ entry: Entry) throws(VaultError) -> Int {
        let codes = BackupCodes(entry)
        let used = codes.active.flatMap(\.codes).filter(\.isUsed)
        guard let last = used.max(by: { ($0.usedAtSeconds ?? 0, $0.field) < ($1.usedAtSeconds ?? 0, $1.field) }) else {
            throw .notInEntry(what: "used backup code", title: entry.title)
        }
        let same = CodesByText(codes.sets.flatMap(\.codes)).all(last.text)
        try edit(entry, Self.marks(entry, same, isUsed: false))
        return codes.unusedCount + used.count { $0.text == last.text }
    }

    /// The edits that mark `codes`; none for those that say so themselves already.
    fileprivate static func marks(
        _ entry: Entry, _ codes: some Sequence<BackupCode>, isUsed: Bool, except field: FieldName? = nil
    ) -> [Draft] {
        codes.filter { $0.field != field }.compactMap { entry.draft($0.field, .marked($0.text, isUsed)) }
    }

    /// The set and its codes, one edit each.
    func codeDrafts(_ new: NewCodes, set: [UInt8]) throws(VaultError) -> [Draft] {
        var drafts = [Draft(field: .codeSet(set), value: .number(0))]
        var fields: Set<FieldName> = []
        for code in new.codes {
            let field = try codeField(set: set, code.text)
            guard fields.insert(field).inserted else { continue }
            drafts.append(Draft(field: field, value: .marked(code.text, code.isUsed)))
        }
        return drafts
    }
}

extension LocalSession {
    func performDraw(codeOf id: EntryID) throws(VaultError) -> CodeDrawn {
        try vault.transaction { () throws(VaultError) in
            let entry = try entryNow(id, .everything)
            let codes = BackupCodes(entry)
            guard let code = codes.next(order: machine.codeOrder) else {
                throw VaultError.notInEntry(what: "unused backup code", title: entry.title)
            }
            // What another set calls used, which a merge may have told, is marked here too.
            let spent = codes.active.flatMap(\.codes).filter { $0.isUsed || $0.text == code.text }
            let edit = try edits(entry, Self.marks(entry, spent, isUsed: true))
            let left = codes.active.flatMap(\.unused).count { $0.text != code.text }
            return (Edits(entries: [edit]), CodeDrawn(code: code.text, unusedLeft: left))
        }
    }
}
