/// What the word FIELD stands for where a field is changed or looked back on (docs/cli.md, "Fields").
import CofferFormat
import CofferModel
import CofferVault

/// A field as its name gives it, before the entry is opened.
enum FieldTarget: Equatable {
    case title, username, template
    /// A secret with a name of its own: password, notes, otp.
    case secret(FieldName)
    /// The URLs or the tags: one element each.
    case urls, tags
    case codes
    case custom(String)

    init(_ name: String) throws {
        switch name {
        case "title": self = .title
        case "username": self = .username
        case "template": self = .template
        case "password": self = .secret(.password)
        case "notes": self = .secret(.notes)
        case "otp", "otp-uri", "otp-secret": self = .secret(.otp)
        case "otp-pending": self = .secret(.pendingOTP)
        case "url", "urls": self = .urls
        case "tag", "tags": self = .tags
        case "codes": self = .codes
        case "id", "trash", "purge", "joined-into":
            throw CLIError.usage(
                why: "That is no field that can be changed or has a history of values.",
                remedy: "See: coffer rm, coffer restore, coffer purge, coffer join")
        default: self = .custom(try FieldInput.fieldName(name))
        }
    }

    /// The one field it is; nil for what consists of elements.
    var field: FieldName? {
        switch self {
        case .title: .title
        case .username: .username
        case .template: .template
        case .secret(let field): field
        case .custom(let name): .custom(name)
        case .urls, .tags, .codes: nil
        }
    }

    /// The kind of its elements.
    var elementKind: UInt64? {
        switch self {
        case .urls: FieldName.Kind.url
        case .tags: FieldName.Kind.tag
        default: nil
        }
    }

    /// How messages call it.
    var name: String {
        switch self {
        case .urls: "url"
        case .tags: "tag"
        case .codes: "codes"
        default: field?.displayName ?? "field"
        }
    }

    /// Whether `field` belongs to it.
    func covers(_ field: FieldName) -> Bool {
        switch (self, field) {
        case (.secret(.otp), .element(FieldName.Kind.counter, _)): true
        case (.urls, .element(FieldName.Kind.url, _)): true
        case (.tags, .element(FieldName.Kind.tag, _)): true
        case (.codes, .element(FieldName.Kind.codeSet, _)), (.codes, .element(FieldName.Kind.code, _)): true
        // What has no name of its own goes by its number.
        case (.custom(let name), .known), (.custom(let name), .element):
            field.displayName == nil && field.groupName == name
        default: self.field == field
        }
    }
}
