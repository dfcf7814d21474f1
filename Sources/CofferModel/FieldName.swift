/// The names of fields (docs/format.md, "Versions").
package import CofferMerge

/// What a version is an edit of.
package enum FieldName: Sendable, Hashable {
    /// A field that the format names by a number; numbers this program does not know are kept.
    case known(UInt64)
    /// A custom field, named by its user; the name is private, not secret.
    case custom(String)
    /// One element of a set, named by its kind and one or two byte strings.
    case element(kind: UInt64, keys: [[UInt8]])

    package static let title = FieldName.known(1)
    package static let username = FieldName.known(2)
    package static let password = FieldName.known(3)
    package static let notes = FieldName.known(4)
    package static let otp = FieldName.known(5)
    package static let template = FieldName.known(6)
    package static let trash = FieldName.known(7)
    package static let purge = FieldName.known(8)
    package static let joinedInto = FieldName.known(9)
    /// A one-time password that the service has not accepted yet (docs/cli.md, "Enrolling").
    package static let pendingOTP = FieldName.known(10)

    /// The kinds of elements.
    package enum Kind {
        package static let tag: UInt64 = 1
        package static let url: UInt64 = 2
        package static let codeSet: UInt64 = 3
        package static let code: UInt64 = 4
        package static let counter: UInt64 = 5
    }

    package static func codeSet(_ set: [UInt8]) -> FieldName { .element(kind: Kind.codeSet, keys: [set]) }

    package static func code(set: [UInt8], hash: [UInt8]) -> FieldName { .element(kind: Kind.code, keys: [set, hash]) }

    /// The counter of the HOTP secret that the version `secret` holds.
    package static func counter(of secret: VersionID) -> FieldName {
        .element(kind: Kind.counter, keys: [secret.bytes])
    }

    /// The name that people and scripts use; nil for elements and for numbers without a name.
    package var displayName: String? {
        switch self {
        case .title: "title"
        case .username: "username"
        case .password: "password"
        case .notes: "notes"
        case .otp: "otp"
        case .template: "template"
        case .trash: "trash"
        case .joinedInto: "joined-into"
        case .pendingOTP: "otp-pending"
        case .purge: "purge"
        case .custom(let name): name
        case .known, .element: nil
        }
    }

    /// The name under which reports of changes count the field: that of the set for an element. Fields of newer programs
    /// have their numbers.
    package var groupName: String {
        if let displayName { return displayName }
        guard case .element(let kind, let keys) = self else {
            guard case .known(let number) = self else { return "field" }
            return "field-\(number)"
        }
        return switch kind {
        case Kind.tag: "tags"
        case Kind.url: "urls"
        case Kind.code, Kind.codeSet: "codes"
        case Kind.counter: "otp"
        default: (["element-\(kind)"] + keys.map { String($0.hexadecimal.prefix(8)) }).joined(separator: "-")
        }
    }

    /// Whether two heads with different values are a conflict that a person must settle.
    package var canConflict: Bool {
        switch self {
        case .trash, .purge, .joinedInto, .element(Kind.tag...Kind.counter, _): false
        case .known, .custom, .element: true
        }
    }
}

extension FieldName {
    /// The same name has the same bytes; `String` would take a composed and a decomposed letter for one.
    package static func == (left: FieldName, right: FieldName) -> Bool {
        switch (left, right) {
        case (.known(let one), .known(let two)): one == two
        case (.custom(let one), .custom(let two)): one.utf8.elementsEqual(two.utf8)
        case (.element(let kindOne, let keysOne), .element(let kindTwo, let keysTwo)):
            kindOne == kindTwo && keysOne == keysTwo
        case (.known, _), (.custom, _), (.element, _): false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .known(let number): hasher.combine(number)
        case .custom(let name): for byte in name.utf8 { hasher.combine(byte) }
        case .element(let kind, let keys):
            hasher.combine(kind)
            hasher.combine(keys)
        }
    }
}

extension FieldName: MergeField {
    package var mergeRule: MergeRule {
        switch self {
        case .trash: .trash
        case .purge: .purge
        default: .register
        }
    }

    /// The order of the encoded names, byte by byte.
    package static func < (left: FieldName, right: FieldName) -> Bool {
        switch (left, right) {
        case (.known(let one), .known(let two)): one < two
        case (.known, _): true
        case (_, .known): false
        case (.custom(let one), .custom(let two)):
            one.utf8.count == two.utf8.count
                ? one.utf8.lexicographicallyPrecedes(two.utf8) : one.utf8.count < two.utf8.count
        case (.custom, _): true
        case (_, .custom): false
        case (.element(let kindOne, let keysOne), .element(let kindTwo, let keysTwo)):
            if keysOne.count != keysTwo.count {
                keysOne.count < keysTwo.count
            } else if kindOne != kindTwo {
                kindOne < kindTwo
            } else {
                keysOne.lexicographicallyPrecedes(keysTwo) {
                    $0.count == $1.count ? $0.lexicographicallyPrecedes($1) : $0.count < $1.count
                }
            }
        }
    }
}
