/// The issuer and account of a one-time password: private, not secret.
import CofferMemory

enum OTPLabel {
    /// `text` without the spaces around it, or the error `label` if it is too long or holds control characters.
    static func checked(_ text: String) throws(OTPError) -> String {
        let trimmed = trimmed(text)
        guard trimmed.utf8.count <= OTPLimits.labelCount else { throw .label }
        guard !trimmed.unicodeScalars.contains(where: isControl) else { throw .label }
        return trimmed
    }

    /// `text` without the spaces around it.
    static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { $0 != " " }), let last = scalars.lastIndex(where: { $0 != " " })
        else { return "" }
        return String(scalars[first...last])
    }
}
