/// What a version says its field holds (docs/format.md, "Versions").
package import CofferMemory

/// A value; texts and bytes stay in the locked memory they were opened into.
package enum FieldValue: Sendable, Equatable {
    /// The field was taken away.
    case removed
    case flag(Bool)
    case number(UInt64)
    /// Valid UTF-8.
    case text(SecretSlice)
    case bytes(SecretSlice)
    /// A text with a mark: a custom field (secret?) or a backup code (used?).
    case marked(SecretSlice, Bool)

    /// Text that is private and not secret: a title, a tag.
    package static func plain(_ text: String) -> FieldValue { .text(SecretSlice(copying: Array(text.utf8))) }

    /// The text of a text or marked value.
    package var text: SecretSlice? {
        switch self {
        case .text(let text), .marked(let text, _): text
        case .removed, .flag, .number, .bytes: nil
        }
    }
}

extension SecretSlice {
    /// The text as a `String`: only for what is private and not secret (titles, user names, URLs, tags).
    package var plainText: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        let span = span
        for index in 0..<span.count { bytes.append(span[index]) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension SecretSlice {
    /// Whether these bytes come before those of `other`. Not in constant time: for putting values of one entry in
    /// order.
    package func precedes(_ other: SecretSlice) -> Bool {
        let (left, right) = (span, other.span)
        for index in 0..<min(left.count, right.count) where left[index] != right[index] {
            return left[index] < right[index]
        }
        return left.count < right.count
    }
}
