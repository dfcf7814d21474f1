/// The master password in the form it is derived from (docs/format.md, "Key slot").
package import CofferMemory
import CofferFormat
import CofferModel

/// Why a text is no master password.
package enum PasswordError: Error, Equatable {
    case empty
    /// Over 1,024 bytes.
    case tooLong
    case notUTF8
    case containsNUL
}

/// NFC-normalised UTF-8, 1 to 1,024 bytes: the same password however the keyboard composes its letters.
package struct MasterPassword: ~Copyable, Sendable {
    package static let countMaximum = 1024

    package let bytes: SecretBytes

    /// Takes what was typed or read, without its line end; nothing is trimmed.
    package init(_ typed: borrowing Span<UInt8>) throws(PasswordError) {
        guard !typed.isEmpty else { throw .empty }
        // Composing shortens text, but never to less than a ninth: two characters of three bytes follow one base.
        guard typed.count <= Self.countMaximum * 9 else { throw .tooLong }
        guard isValidUTF8(typed) else { throw .notUTF8 }
        for index in 0..<typed.count where typed[index] == 0 { throw .containsNUL }
        guard let normalized = UnicodeText.composed(typed) else { throw .notUTF8 }
        guard normalized.count <= Self.countMaximum else { throw .tooLong }
        bytes = normalized
    }
}
