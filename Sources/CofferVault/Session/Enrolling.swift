/// Two-factor authentication as one transaction: a secret waits until the service has accepted it (docs/cli.md, "Enrolling").
import CofferMemory
package import CofferModel
package import CofferOTP

extension Session {
    /// The one-time password that waits for confirmation; nil when none does.
    package func pendingOTP(_ entry: Entry) throws(VaultError) -> OTPParameters? {
        guard let uri = entry.text(.pendingOTP) else { return nil }
        do throws(OTPError) {
            return try OTPAuthURI.parse(uri.span).parameters
        } catch {
            throw .invalidInput(why: "the one-time password that waits for confirmation cannot be read")
        }
    }

    /// Keeps `parameters` beside what the entry has: its current one-time password stays what it is.
    package func beginEnrolment(_ entry: Entry, _ parameters: OTPParameters) throws(VaultError) {
        try set(entry, .pendingOTP, .text(SecretSlice(OTPAuthURI.serialize(parameters))))
    }

    /// Makes what waits the current one-time password, and `codes`, where there are any, the current backup codes, in one save.
    /// What was current before stays in the history. Returns how many of the codes were used before: they stay used.
    @discardableResult
    package func confirmEnrolment(_ entry: Entry, codes: NewCodes?) throws(VaultError) -> Int {
        guard let uri = entry.text(.pendingOTP) else {
            throw .notInEntry(what: "one-time password that waits for confirmation", title: entry.title)
        }
        var drafts = [entry.draft(.otp, .text(uri)), entry.draft(.pendingOTP, .removed)].compactMap { $0 }
        var usedBefore = 0
        if let codes {
            let replacing = try replacingDrafts(entry, codes)
            drafts += replacing.drafts
            usedBefore = replacing.usedBefore
        }
        try edit(entry, drafts)
        return usedBefore
    }

    /// Drops what waits; nothing that was current changes.
    package func abortEnrolment(_ entry: Entry) throws(VaultError) { try set(entry, .pendingOTP, .removed) }
}
