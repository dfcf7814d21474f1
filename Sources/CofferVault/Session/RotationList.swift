/// The secrets that a lost machine could read, until they are changed (docs/sync.md, "Rotation").
import CofferCrypto
package import CofferFormat
package import CofferMemory
import CofferMerge
package import CofferModel

/// An entry with secrets that are still the ones that the lost machine could read.
package struct ExposedEntry: Equatable, Sendable {
    package let id: EntryID
    package let title: String
    package let username: String?
    /// The names of the fields, ascending; codes as `codes`.
    package let fields: [String]
}

/// What is on the list of a lost machine.
package struct ExposedEntries: Sendable {
    /// The machine, or several.
    package let lost: String
    package let atSeconds: UInt64
    /// By title.
    package let entries: [ExposedEntry]
}

/// Kept in the vault's settings as hashes of eight bytes, one for each secret value, so that changing a value takes it off
/// the list on every machine.
package struct RotationList: Equatable {
    static let field = FieldName.custom("rotation")
    private static let version: UInt64 = 1
    private static let hashCount = 8

    let lost: String
    let atSeconds: UInt64
    private let hashes: Set<[UInt8]>

    /// Everything secret in the vault as it is.
    init(_ vault: OpenVault, lost: String, _ author: Author) throws(VaultError) {
        self.lost = lost
        atSeconds = author.nowSeconds()
        var hashes: Set<[UInt8]> = []
        for position in vault.records.indices where vault.records[position].summary.state != .purged {
            let entry = try vault.entry(at: position)
            for field in Self.secretFields(entry) { hashes.insert(Self.hash(entry, field, vault.keys)) }
        }
        self.hashes = hashes
    }

    /// The list in `settings`; nil when there is none, or it is one that this program does not know. Of two machines that
    /// each made one, both count.
    init?(_ settings: EntryVersions) {
        let lists = settings.visibleHeads.filter { $0.field == Self.field }.compactMap { head -> RotationList? in
            guard case .bytes(let bytes)? = head.content?.value else { return nil }
            return try? Self.decode(bytes)
        }
        guard let earliest = lists.map(\.atSeconds).min() else { return nil }
        self.init(
            lost: Set(lists.map(\.lost)).sorted().joined(separator: ", "), atSeconds: earliest,
            hashes: lists.reduce(into: []) { $0.formUnion($1.hashes) })
    }

    private init(lost: String, atSeconds: UInt64, hashes: Set<[UInt8]>) {
        self.lost = lost
        self.atSeconds = atSeconds
        self.hashes = hashes
    }

    // MARK: What is left

    func isListed(_ entry: Entry, _ field: FieldName, _ keys: KeyHierarchy) -> Bool {
        hashes.contains(Self.hash(entry, field, keys))
    }

    /// The fields whose values a service knows too.
    static func secretFields(_ entry: Entry) -> [FieldName] {
        let unused = Set(BackupCodes(entry).active.flatMap(\.unused).map(\.field))
        return entry.heads.compactMap { field, heads -> FieldName? in
            switch field {
            case .password, .otp: entry.text(field) == nil ? nil : field
            case .custom:
                heads.contains { if case .marked(_, true)? = $0.content?.value { true } else { false } } ? field : nil
            case .element(FieldName.Kind.code, _): unused.contains(field) ? field : nil
            default: nil
            }
        }.sorted()
    }

    /// Of the value itself: one that comes back is on the list again.
    private static func hash(_ entry: Entry, _ field: FieldName, _ keys: KeyHierarchy) -> [UInt8] {
        let name = field.groupName
        let values = (entry.heads[field] ?? []).compactMap(\.content?.value.text).sorted { $0.precedes($1) }
        let parts =
            [SecretSlice(copying: entry.id.bytes + bigEndian(UInt32(name.utf8.count)) + Array(name.utf8))] + values
        return Array(keys.elementHash(kind: 0, parts).prefix(hashCount))
    }

    // MARK: In the settings

    /// The edit of `settings` that puts this list in the place of older ones.
    func draft(_ settings: EntryVersions) -> Draft { Self.draft(settings, .bytes(SecretSlice(copying: encoded))) }

    /// The edit of `settings` that leaves no list.
    static func removal(_ settings: EntryVersions) -> Draft { draft(settings, .removed) }

    private static func draft(_ settings: EntryVersions, _ value: FieldValue) -> Draft {
        Draft(field: field, value: value, replaces: settings.visibleHeads.filter { $0.field == field }.map(\.id))
    }

    package var encoded: [UInt8] {
        var sink = ArraySink()
        sink.putArray(count: 4)
        sink.putUnsigned(Self.version)
        sink.putUnsigned(atSeconds)
        sink.putText(lost)
        sink.putBytes(hashes.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { $0 })
        return sink.bytes
    }

    package static func decode(_ bytes: SecretSlice) throws(FormatError) -> RotationList {
        var reader = NoteReader((0..<bytes.count).map { bytes.span[$0] })
        try reader.array(count: 4)
        guard try reader.unsigned() == version else { throw .unsupported("a newer list") }
        let atSeconds = try reader.unsigned()
        let lost = try reader.text()
        let hashes = try reader.byteString()
        guard hashes.count % hashCount == 0 else { throw .unexpected }
        try reader.finish()
        return RotationList(
            lost: lost, atSeconds: atSeconds,
            hashes: Set(stride(from: 0, to: hashes.count, by: hashCount).map { Array(hashes[$0..<$0 + hashCount]) }))
    }
}

extension LocalSession {
    /// What the machine that was lost could read and is still the same, by title; nil when no machine was lost.
    func readExposedEntries() throws(VaultError) -> ExposedEntries? {
        guard let list = RotationList(vault.state.index.settings) else { return nil }
        var exposed: [ExposedEntry] = []
        for position in vault.records.indices where vault.records[position].summary.state != .purged {
            let entry = try vault.entry(at: position)
            let fields = RotationList.secretFields(entry).filter { list.isListed(entry, $0, vault.keys) }
            guard !fields.isEmpty else { continue }
            exposed.append(
                ExposedEntry(
                    id: entry.id, title: entry.title, username: entry.username,
                    fields: Set(fields.map(\.groupName)).sorted()))
        }
        return ExposedEntries(
            lost: list.lost, atSeconds: list.atSeconds,
            entries: exposed.sorted { ($0.title, $0.id) < ($1.title, $1.id) })
    }

    func performDropOfExposed() throws(VaultError) {
        try vault.transaction { () throws(VaultError) in
            var edits = Edits()
            let settings = vault.state.index.settings
            edits.settings = try mint(settings, [RotationList.removal(settings)])
            return (edits, ())
        }
    }
}
