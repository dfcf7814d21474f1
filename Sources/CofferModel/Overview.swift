/// What listing and searching need of an entry, without any secret (docs/format.md, "Overview").
package import CofferMerge

/// A fixed function of the entry: computed when the entry is written, never copied from another file.
package struct Overview: Equatable, Sendable {
    package var title = ""
    package var username: String?
    package var urls: [String] = []
    package var tags: [String] = []
    package var template: String?
    /// Custom fields that are not secret, in the order of their encoded names.
    package var fields: [Field] = []
    package var has = Has()
    package var createdSeconds: UInt64 = 0
    package var modifiedSeconds: UInt64 = 0
    package var codes = Codes()
    package var conflicts: [FieldName] = []
    package var state = EntryState.live
    package var joinedInto: [EntryID] = []

    /// A custom field that is not secret.
    package struct Field: Equatable, Sendable {
        package let name: String
        package let text: String

        package init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    /// Which secrets there are.
    package struct Has: OptionSet, Sendable {
        package let rawValue: UInt64
        package init(rawValue: UInt64) { self.rawValue = rawValue }
        package static let password = Has(rawValue: 1)
        package static let otp = Has(rawValue: 2)
        package static let notes = Has(rawValue: 4)
        package static let secretField = Has(rawValue: 8)
        package static let all: Has = [.password, .otp, .notes, .secretField]
    }

    /// How many backup codes there are.
    package struct Codes: Equatable, Sendable {
        package var activeSets: UInt64 = 0
        package var unused: UInt64 = 0
        package var used: UInt64 = 0

        package init(activeSets: UInt64 = 0, unused: UInt64 = 0, used: UInt64 = 0) {
            self.activeSets = activeSets
            self.unused = unused
            self.used = used
        }

        package init(_ codes: BackupCodes) {
            self.init(
                activeSets: UInt64(codes.active.count), unused: UInt64(codes.unusedCount), used: UInt64(codes.usedCount)
            )
        }
    }

    package init() {}

    package init(_ entry: Entry) {
        title = entry.title
        username = entry.username
        urls = entry.urls
        tags = entry.tags
        template = entry.template
        fields = entry.customFields(secret: false)
            .sorted { FieldName.custom($0.name) < FieldName.custom($1.name) }
            .map { Field(name: $0.name, text: $0.text.plainText) }
        if entry.text(.password) != nil { has.insert(.password) }
        if entry.text(.otp) != nil { has.insert(.otp) }
        if entry.text(.notes) != nil { has.insert(.notes) }
        if !entry.customFields(secret: true).isEmpty { has.insert(.secretField) }
        createdSeconds = entry.createdSeconds
        modifiedSeconds = entry.modifiedSeconds
        codes = Codes(BackupCodes(eachByItself: entry))
        conflicts = entry.conflicts
        state = entry.state
        joinedInto = entry.joinedInto
    }

    /// Adds what another entry has that is shown as part of this one. Where both have a title, a user name or a field
    /// of
    /// one name, this entry's stays: which is the later cannot be told without opening them.
    package mutating func add(_ part: Overview) {
        if title.isEmpty { title = part.title }
        username = username ?? part.username
        template = template ?? part.template
        urls = Self.union(urls, part.urls)
        tags = Self.union(tags, part.tags)
        for field in part.fields where !fields.contains(where: { $0.name == field.name }) { fields.append(field) }
        fields.sort { FieldName.custom($0.name) < FieldName.custom($1.name) }
        has.formUnion(part.has)
        createdSeconds = min(createdSeconds, part.createdSeconds)
        modifiedSeconds = max(modifiedSeconds, part.modifiedSeconds)
        codes = Codes(
            activeSets: codes.activeSets &+ part.codes.activeSets, unused: codes.unused &+ part.codes.unused,
            used: codes.used &+ part.codes.used)
        conflicts = Set(conflicts).union(part.conflicts).sorted()
    }

    /// Ascending by bytes, none twice.
    private static func union(_ one: [String], _ two: [String]) -> [String] {
        Set(one).union(two).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
