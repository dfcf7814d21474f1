/// An entry as `show --json` and `ls --json` print it (docs/cli.md, "JSON").
import CofferMemory
import CofferMerge
import CofferModel

enum EntryJSON {
    /// An opened entry, and what its members do not say as they are.
    struct Revealed {
        let entry: Entry
        /// Its one-time password, with the counter where it is now.
        let oneTimePassword: SecretSlice?
        /// What nobody has chosen a value of is not given to a script.
        let leavesOut: Set<FieldName>
    }

    /// The members that everybody may see; `secrets` come only with an opened entry.
    static func write<Sink: ByteSink & ~Copyable>(
        id: EntryID, _ overview: Overview, secrets revealed: Revealed? = nil, to json: inout JSONWriter<Sink>
    ) {
        json.beginObject()
        json.member("id", id.hexadecimal)
        json.member("title", overview.title)
        optional("username", overview.username, &json)
        json.member("urls", overview.urls)
        json.member("tags", overview.tags)
        optional("template", overview.template, &json)
        json.key("fields")
        json.beginObject()
        for field in overview.fields.sorted(by: { $0.name < $1.name }) { json.member(field.name, field.text) }
        json.endObject()
        json.key("has")
        json.beginObject()
        json.member("password", overview.has.contains(.password))
        json.member("otp", overview.has.contains(.otp))
        json.member("notes", overview.has.contains(.notes))
        json.endObject()
        json.key("codes")
        json.beginObject()
        json.member("sets", unsigned: overview.codes.activeSets)
        json.member("unused", unsigned: overview.codes.unused)
        json.member("used", unsigned: overview.codes.used)
        json.endObject()
        json.member("conflicts", overview.conflicts.compactMap(\.displayName))
        json.member("created", unixSeconds: overview.createdSeconds)
        json.member("modified", unixSeconds: overview.modifiedSeconds)
        json.member("state", name(overview.state))
        if let revealed { secrets(revealed, &json) }
        json.endObject()
    }

    static func name(_ state: EntryState) -> String {
        switch state {
        case .live: "live"
        case .trash: "trash"
        case .purged: "purged"
        }
    }

    private static func secrets<Sink: ByteSink & ~Copyable>(_ revealed: Revealed, _ json: inout JSONWriter<Sink>) {
        let entry = revealed.entry
        json.key("secrets")
        json.beginObject()
        for (name, field) in [("password", FieldName.password), ("notes", .notes), ("otp", .otp)] {
            guard !revealed.leavesOut.contains(field),
                let text = field == .otp ? revealed.oneTimePassword : entry.text(field)
            else { continue }
            json.key(name)
            json.value(text)
        }
        let fields = entry.customFields(secret: true).filter { !revealed.leavesOut.contains(.custom($0.name)) }
        if !fields.isEmpty {
            json.key("fields")
            json.beginObject()
            for field in fields {
                json.key(field.name)
                json.value(field.text)
            }
            json.endObject()
        }
        let sets = BackupCodes(entry).sets
        if !sets.isEmpty {
            json.key("codes")
            json.beginArray()
            for set in sets.sorted(by: { $0.id.lexicographicallyPrecedes($1.id) }) { codes(set, &json) }
            json.endArray()
        }
        json.endObject()
    }

    private static func codes<Sink: ByteSink & ~Copyable>(_ set: BackupCodeSet, _ json: inout JSONWriter<Sink>) {
        for code in set.codes.sorted(by: { $0.text.precedes($1.text) }) {
            json.beginObject()
            json.member("set", set.id.hexadecimal)
            json.key("code")
            json.value(code.text)
            json.member("used", code.isUsed)
            json.member("retired", set.isRetired)
            json.endObject()
        }
    }

    private static func optional<Sink: ByteSink & ~Copyable>(
        _ name: String, _ text: String?, _ json: inout JSONWriter<Sink>
    ) {
        json.key(name)
        if let text { json.value(text) } else { json.null() }
    }
}
