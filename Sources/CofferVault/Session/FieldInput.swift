/// Checks what people give as values and names before it becomes a version: refused, never repaired.
import CofferFormat
import CofferMemory
import CofferModel

package enum FieldInput {
    /// Names that mean something of their own; a custom field cannot have them.
    package static let reservedNames: Set<String> = [
        "title", "username", "password", "notes", "otp", "otp-uri", "otp-secret", "url", "urls", "tag", "tags", "id",
        "template", "codes", "trash", "purge", "joined-into", "otp-pending",
    ]

    /// A title, user name, URL or tag: NFC, without NUL, within the limit.
    package static func line(_ text: String, _ what: String) throws(VaultError) -> String {
        let composed = UnicodeText.composed(text)
        guard composed.utf8.count <= Limits.overviewTextWritten else {
            throw .limitExceeded(what: "a \(what) of \(Limits.overviewTextWritten) bytes")
        }
        guard !composed.unicodeScalars.contains(where: { $0.value == 0 }) else {
            throw .invalidInput(why: "the \(what) contains a NUL character")
        }
        return composed
    }

    package static func title(_ text: String) throws(VaultError) -> String {
        let title = try line(text, "title")
        guard !title.isEmpty else { throw .invalidInput(why: "the title is empty") }
        return title
    }

    /// The name of a custom field.
    package static func fieldName(_ text: String) throws(VaultError) -> String {
        let name = try line(text, "field name")
        guard !name.isEmpty, name.utf8.count <= Limits.fieldNameWritten else {
            throw .limitExceeded(what: "a field name of 1 to \(Limits.fieldNameWritten) bytes")
        }
        guard !name.contains("/"), !name.unicodeScalars.contains(where: isControl) else {
            throw .invalidInput(why: "a field name cannot contain a slash or control characters")
        }
        guard !reservedNames.contains(name) else {
            throw .invalidInput(why: "that field name has a meaning of its own")
        }
        return name
    }

    /// A secret value or note: valid UTF-8 without NUL, small enough for an entry.
    package static func value(_ bytes: borrowing Span<UInt8>) throws(VaultError) {
        guard bytes.count <= Limits.entryContentWritten / 4 else {
            throw .limitExceeded(what: "a value of \(Limits.entryContentWritten / 4) bytes")
        }
        guard isValidUTF8(bytes) else { throw .invalidInput(why: "the value is not valid UTF-8") }
        for index in 0..<bytes.count where bytes[index] == 0 {
            throw .invalidInput(why: "the value contains a NUL character")
        }
    }
}
