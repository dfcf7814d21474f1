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

    /// Issuer and account of a label: what stands before and after the separating colon.
    ///
    /// A colon inside the issuer is told from the separator by the parameter that repeats the issuer.
    static func split(_ label: String, issuer: String) -> (issuer: String, account: String) {
        let label = trimmed(label).unicodeScalars
        let known = (issuer + ":").unicodeScalars
        if !issuer.isEmpty, label.starts(with: known) {
            return (issuer, trimmed(String(label.dropFirst(known.count))))
        }
        guard let colon = label.firstIndex(of: ":") else { return ("", String(label)) }
        let account = label[label.index(after: colon)...]
        return (trimmed(String(label[..<colon])), trimmed(String(account)))
    }

    /// The label of `parameters`, which ``split(_:issuer:)`` takes apart into the same.
    static func joined(_ parameters: OTPParameters) -> String {
        if let issuer = parameters.issuer { return issuer + ":" + parameters.account }
        // An empty issuer keeps the account's own colon from being taken for the separator.
        return parameters.account.unicodeScalars.contains(":") ? ":" + parameters.account : parameters.account
    }
}
