/// Adding, changing, moving, trashing, purging and joining entries.
import CofferCrypto
import CofferFormat
package import CofferMemory
import CofferMerge
package import CofferModel

/// What a new entry starts with.
package struct NewEntry: Sendable {
    package var title: String
    package var username: String?
    package var urls: [String] = []
    package var tags: [String] = []
    package var template: String?
    package var password: SecretSlice?
    package var notes: SecretSlice?
    /// An otpauth URI in its canonical form.
    package var otp: SecretSlice?
    /// Custom fields: secret or plain.
    package var fields: [(name: String, value: SecretSlice, isSecret: Bool)] = []
    package var codes: NewCodes?

    package init(title: String) { self.title = title }
}

/// Backup codes to enrol; those marked used are not handed out.
package struct NewCodes: Sendable {
    package let codes: [(text: SecretSlice, isUsed: Bool)]

    package init(_ codes: [(text: SecretSlice, isUsed: Bool)]) { self.codes = codes }
}

extension Session {
    /// Adds an entry and returns its id. Refuses a title and user name that exist, unless `isDuplicateAllowed`.
    @discardableResult
    package func add(_ new: NewEntry, isDuplicateAllowed: Bool = false) throws(VaultError) -> EntryID {
        let edit = try edit(adding: new)
        let name =
            isDuplicateAllowed
            ? nil
            : try UniqueName(
                title: FieldInput.title(new.title),
                username: new.username.map { name throws(VaultError) in try FieldInput.line(name, "user name") },
                isNew: true)
        try save([edit], unlessTaken: name)
        return edit.id
    }

    /// The checked edit that makes `new` an entry with an id of its own.
    func edit(adding new: NewEntry) throws(VaultError) -> EntryEdit {
        let title = try FieldInput.title(new.title)
        let username = try new.username.map { name throws(VaultError) in try FieldInput.line(name, "user name") }
        guard let id = EntryID(author.random.makeBytes(count: EntryID.byteCount).span) else {
            throw .invalidInput(why: "no entry id could be made")
        }
        var drafts = [Draft(field: .title, value: .plain(title))]
        if let username { drafts.append(Draft(field: .username, value: .plain(username))) }
        if let password = new.password { drafts.append(try secretDraft(.password, password)) }
        if let notes = new.notes { drafts.append(try secretDraft(.notes, notes)) }
        if let otp = new.otp { drafts.append(try secretDraft(.otp, otp)) }
        if let template = new.template { drafts.append(Draft(field: .template, value: .plain(template))) }
        for url in new.urls { drafts.append(try urlDraft(url)) }
        for tag in new.tags { drafts.append(try tagDraft(tag)) }
        for field in new.fields {
            try FieldInput.value(field.value.span)
            drafts.append(
                Draft(
                    field: .custom(try FieldInput.fieldName(field.name)), value: .marked(field.value, field.isSecret)))
        }
        if let codes = new.codes { drafts += try codeDrafts(codes, set: codeSetID(codes.codes.map(\.text))) }

        return EntryEdit(id: id, versions: try mint(EntryVersions(), unique(drafts)))
    }

    /// Refuses a title and user name that a live entry has.
    package func refuseDuplicate(title: String, username: String?) throws(VaultError) {
        guard try !isTaken(title: title, username: username) else { throw .titleTaken }
    }

    /// Whether a live entry has this title and user name. Throws `invalidInput` for texts that none can have.
    package func isTaken(title: String, username: String?) throws(VaultError) -> Bool {
        let title = try FieldInput.title(title)
        let username = try username.map { name throws(VaultError) in try FieldInput.line(name, "user name") }
        return try answer(NameIsTaken(title: title, username: username))
    }

    /// Sets a field; a value that is there already changes nothing.
    package func set(_ entry: Entry, _ field: FieldName, _ value: FieldValue) throws(VaultError) {
        try change(entry, try drafts(entry, field, value))
    }

    /// Saves edits of `entry`, as it was shown, in one save. Returns whether there was anything to save.
    ///
    /// Where the entry gets another title or user name, or comes out of the trash, and a live entry has both already,
    /// it
    /// is refused unless `isDuplicateAllowed`.
    @discardableResult
    package func change(
        _ entry: Entry, _ drafts: [Draft], isDuplicateAllowed: Bool = false
    ) throws(VaultError) -> Bool {
        guard !drafts.isEmpty else { return false }
        let edit = try edits(entry, drafts)
        let (title, username) = Self.name(of: entry, after: drafts)
        let isNamed = drafts.contains { [.title, .username, .trash].contains($0.field) && $0.value != .flag(true) }
        let isUnique = isNamed && !isDuplicateAllowed
        try save(
            [edit], unlessTaken: isUnique ? UniqueName(title: title, username: username, owner: entry.id) : nil)
        return true
    }

    private static func name(of entry: Entry, after drafts: [Draft]) -> (title: String, username: String?) {
        var (title, username) = (entry.title, entry.username)
        for draft in drafts {
            if draft.field == .title, let text = draft.value.text { title = text.plainText }
            if draft.field == .username { username = draft.value.text?.plainText }
        }
        return (title, username)
    }

    /// Gives the entry another title.
    @discardableResult
    package func rename(
        _ entry: Entry, to newTitle: String, isDuplicateAllowed: Bool = false
    ) throws(VaultError) -> Bool {
        try change(
            entry, try drafts(entry, .title, .plain(newTitle)), isDuplicateAllowed: isDuplicateAllowed)
    }

    package func trash(_ entry: Entry) throws(VaultError) { try edit(entry, [entry.trashDraft(true)]) }

    /// The name by which an entry in the trash is found there and no other.
    package func nameInTrash(of entry: Entry) throws(VaultError) -> String {
        let count = try answer(CountEntries(query: EntryQuery(entry.title, states: [.trash])))
        return count == 1 ? entry.title : "id:\(entry.id.hexadecimal.prefix(8))"
    }

    package func restore(_ entry: Entry, isDuplicateAllowed: Bool = false) throws(VaultError) {
        try change(entry, [entry.trashDraft(false)], isDuplicateAllowed: isDuplicateAllowed)
    }

    /// Takes every value of an entry in the trash out of the vault for good; backups still hold it.
    package func purge(_ entry: Entry) throws(VaultError) {
        guard let draft = entry.purgeDraft() else {
            throw .refused(
                why: "only an entry in the trash can be purged; nothing was changed", remedy: "Run coffer rm first.")
        }
        // Each of the joined entries holds values of its own.
        var edits: [EntryEdit] = []
        for id in try groupIDs(of: entry.id) {
            edits.append(EntryEdit(id: id, versions: try mint(EntryVersions(), [draft]), bringsText: false))
        }
        try save(edits)
    }

    /// Makes `other` part of `entry`: both values of every field stay.
    package func join(_ entry: Entry, _ other: Entry) throws(VaultError) {
        guard entry.id != other.id else { throw .invalidInput(why: "an entry cannot be joined to itself") }
        let draft = Draft(
            field: .joinedInto, value: .bytes(SecretSlice(copying: entry.id.bytes)),
            replaces: (other.heads[.joinedInto] ?? []).map(\.id))
        try edit(other, [draft])
    }

    // MARK: Drafts

    /// The checked edit that makes `field` hold `value`; none when it does already.
    package func drafts(_ entry: Entry, _ field: FieldName, _ value: FieldValue) throws(VaultError) -> [Draft] {
        var value = value
        if let text = value.text {
            try FieldInput.value(text.span)
            switch field {
            case .title: value = .plain(try FieldInput.title(text.plainText))
            case .username: value = .plain(try FieldInput.line(text.plainText, "user name"))
            default: break
            }
        }
        return [entry.draft(field, value)].compactMap { $0 }
    }

    /// The edits that make `urls` the only ones.
    package func drafts(_ entry: Entry, urls: [String]) throws(VaultError) -> [Draft] {
        try elementDrafts(entry, FieldName.Kind.url, try urls.map { url throws(VaultError) in try urlDraft(url) })
    }

    /// The edits that make `tags` the only ones.
    package func drafts(_ entry: Entry, tags: [String]) throws(VaultError) -> [Draft] {
        try elementDrafts(entry, FieldName.Kind.tag, try tags.map { tag throws(VaultError) in try tagDraft(tag) })
    }

    private func secretDraft(_ field: FieldName, _ value: SecretSlice) throws(VaultError) -> Draft {
        try FieldInput.value(value.span)
        return Draft(field: field, value: .text(value))
    }

    private func urlDraft(_ text: String) throws(VaultError) -> Draft {
        let url = try FieldInput.line(text, "URL")
        guard !url.isEmpty else { throw .invalidInput(why: "the URL is empty") }
        return Draft(field: try urlField(url), value: .plain(url))
    }

    private func tagDraft(_ text: String) throws(VaultError) -> Draft {
        let tag = try FieldInput.line(text, "tag")
        guard !tag.isEmpty else { throw .invalidInput(why: "the tag is empty") }
        return Draft(field: try tagField(tag), value: .plain(tag))
    }

    /// The edits that make `wanted` the only elements of `kind`. What is there is known by its text: after a change of the
    /// vault key one text can stand under two names.
    private func elementDrafts(_ entry: Entry, _ kind: UInt64, _ wanted: [Draft]) throws(VaultError) -> [Draft] {
        let names = Set(wanted.map(\.field))
        let texts = wanted.compactMap(\.value.text)
        var had: [SecretSlice] = []
        var removed: [FieldName] = []
        for (field, heads) in entry.heads {
            guard case .element(kind, _) = field else { continue }
            let shown = heads.compactMap(\.content?.value.text)
            if !shown.isEmpty && shown.allSatisfy(texts.contains) {
                had += shown
            } else if !names.contains(field) {
                removed.append(field)
            }
        }
        return removed.sorted().compactMap { entry.draft($0, .removed) }
            + unique(wanted).compactMap { draft in
                guard let text = draft.value.text, !had.contains(text) else { return nil }
                return entry.draft(draft.field, draft.value)
            }
    }

    /// One edit a field: the same tag given twice is one tag.
    private func unique(_ drafts: [Draft]) -> [Draft] {
        var fields: Set<FieldName> = []
        return drafts.filter { fields.insert($0.field).inserted }
    }
}
