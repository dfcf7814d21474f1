/// The master password in the form it is derived from (docs/format.md, "Key slot").
package import CofferMemory
import CUnicode
import CofferFormat

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
        guard typed.count <= Self.countMaximum else { throw .tooLong }
        guard isValidUTF8(typed) else { throw .notUTF8 }
        for index in 0..<typed.count where typed[index] == 0 { throw .containsNUL }
        guard let normalized = Self.normalized(typed) else { throw .notUTF8 }
        guard normalized.count <= Self.countMaximum else { throw .tooLong }
        bytes = normalized
    }

    /// Unicode's NFC, in locked memory only: utf8proc decomposes into a buffer of ours and composes in place.
    private static func normalized(_ typed: borrowing Span<UInt8>) -> SecretBytes? {
        let options = utf8proc_option_t(
            UTF8PROC_STABLE.rawValue | UTF8PROC_COMPOSE.rawValue)
        // No character decomposes into more than 18 code points of four bytes; one more holds the ending zero.
        var buffer = SecretBytes(zeroed: (typed.count * 18 + 1) * 4)
        var target = buffer.mutableSpan
        let count = unsafe typed.withUnsafeBytes { source in
            unsafe target.withUnsafeMutableBytes { destination -> Int? in
                // Both buffers are passed with their lengths, counted in bytes and in code points.
                let points = unsafe destination.baseAddress!.assumingMemoryBound(to: Int32.self)
                let text = unsafe source.baseAddress!.assumingMemoryBound(to: UInt8.self)
                let decomposed = unsafe utf8proc_decompose(
                    text, source.count, points, destination.count / 4 - 1, options)
                guard decomposed >= 0, decomposed <= destination.count / 4 - 1 else { return nil }
                let encoded = unsafe utf8proc_reencode(points, decomposed, options)
                return encoded >= 0 ? encoded : nil
            }
        }
        guard let count else { return nil }
        return buffer.prefix(count)
    }
}
