/// Reads one field of an entry by the name that scripts use (docs/cli.md, "Fields").
import CofferMemory
import CofferMerge
import CofferModel
import CofferOTP
import CofferVault

struct FieldReader {
    enum Pick {
        /// A field with several values is an error: a script must not go on with a guess.
        case refuse
        case newest
    }

    let session: any Session
    let entry: Entry
    let pick: Pick

    func read(_ name: String) throws -> SecretSlice {
        switch name {
        case "id": return SecretSlice(copying: Array(entry.id.hexadecimal.utf8))
        case "title":
            try refuseConflict(.title, name)
            return SecretSlice(copying: Array(entry.title.utf8))
        case "url": return try first(of: entry.urls, name, "URLs")
        case "tag": return try first(of: entry.tags, name, "tags")
        case "otp": return try currentCode()
        case "otp-uri":
            let saved = try value(.otp, name)
            // A link for another program goes on where the counter is now.
            guard let uri = try session.currentOTPURI(entry) else { return saved }
            return uri
        case "otp-secret":
            _ = try value(.otp, name)
            let key = try session.otpParameters(entry).key
            return SecretSlice(Base32.encode(key.span))
        case "codes":
            throw CLIError.usage(
                why: "Backup codes are drawn one at a time, so that none is used twice.",
                remedy:
                    "The next one: \(Shown.command("codes next", entry.title)); all of them: "
                    + Shown.command("codes list --reveal", entry.title)
            )
        default: return try value(Self.field(name), name)
        }
    }

    /// What must be told of an entry for ``read(_:)`` of this name.
    static func disclosure(_ name: String) -> Disclosure {
        switch name {
        case "id", "title", "username", "url", "tag", "template", "otp": .nothing
        default: .only([field(name)])
        }
    }

    /// The field that a name stands for: a known one, else the custom field of that name.
    static func field(_ name: String) -> FieldName {
        switch name {
        case "password": .password
        case "username": .username
        case "notes": .notes
        case "otp", "otp-uri", "otp-secret": .otp
        case "otp-pending": .pendingOTP
        case "title": .title
        case "template": .template
        default: .custom(UnicodeText.composed(name))
        }
    }

    private func first(of texts: [String], _ name: String, _ plural: String) throws -> SecretSlice {
        guard let text = texts.first else { throw missing(name) }
        if texts.count > 1 {
            Output.message(
                "coffer: the entry has \(texts.count) \(plural); this is the first: coffer show --json lists all")
        }
        return SecretSlice(copying: Array(text.utf8))
    }

    private func refuseConflict(_ field: FieldName, _ name: String) throws {
        guard pick == .newest || !entry.conflicts.contains(field) else {
            throw VaultError.conflict(title: entry.title, field: name)
        }
    }

    private func value(_ field: FieldName, _ name: String) throws -> SecretSlice {
        try refuseConflict(field, name)
        guard let text = entry.text(field) else { throw missing(name) }
        return text
    }

    private func currentCode() throws -> SecretSlice {
        _ = try value(.otp, "otp")
        let query = EntryQuery("id:\(entry.id.hexadecimal)", states: [.live, .trash])
        let now = Int64(clamping: session.author.nowSeconds())
        let found = try session.oneTimeCode(query, picksNewest: pick == .newest, atSeconds: now)
        guard case .code(let code) = found.state else {
            throw CLIError.usage(
                why: "This one-time password counts: each code is drawn and saved.",
                remedy: "The next code: " + Shown.command("otp --next", entry.title))
        }
        return code.code
    }

    private func missing(_ name: String) -> any Error {
        SharedAccount.absence(
            of: name, [Self.field(name)], in: entry, session,
            near: ["username", "password", "notes", "otp"].filter { entry.text(Self.field($0)) != nil }
                + entry.customFields(secret: true).map(\.name) + entry.customFields(secret: false).map(\.name))
    }
}
