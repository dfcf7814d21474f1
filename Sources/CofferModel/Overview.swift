/// What listing and searching need of an entry, without any secret (docs/format.md, "Overview").
package import CofferMerge

/// A fixed function of the entry: computed when the entry is written, never copied from another file.
package struct Overview: Equatable, Sendable {
    package var title = ""
    package var username: String?
    package var urls: [String] = []
    package var tags: [String] = []
    package var template: String?
    /// Custom fields that are not secret, by name.
    package var fields: [String: String] = [:]
    package var has = Has()
    package var createdSeconds: UInt64 = 0
    package var modifiedSeconds: UInt64 = 0
    package var codes = Codes()
    package var conflicts: [FieldName] = []
    package var state = EntryState.live
    package var joinedInto: [EntryID] = []

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
    }

    package init() {}

    package init(_ entry: Entry) {
        title = entry.title
        username = entry.username
        urls = entry.urls
        tags = entry.tags
        template = entry.template
        for field in entry.customFields(secret: false) { fields[field.name] = field.text.plainText }
        if entry.text(.password) != nil { has.insert(.password) }
        if entry.text(.otp) != nil { has.insert(.otp) }
        if entry.text(.notes) != nil { has.insert(.notes) }
        if !entry.customFields(secret: true).isEmpty { has.insert(.secretField) }
        createdSeconds = entry.createdSeconds
        modifiedSeconds = entry.modifiedSeconds
        let backupCodes = BackupCodes(entry)
        codes = Codes(
            activeSets: UInt64(backupCodes.active.count), unused: UInt64(backupCodes.unusedCount),
            used: UInt64(backupCodes.usedCount))
        conflicts = entry.conflicts
        state = entry.state
        joinedInto = entry.joinedInto
    }
}
