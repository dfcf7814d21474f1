/// One-time passwords of an entry: the secret, the code, the counter (docs/merge.md).
import CofferFormat
package import CofferMemory
import CofferMerge
package import CofferModel
package import CofferOTP

extension Session {
    /// What the entry's otpauth URI says; the vault holds only URIs that were parsed before they were saved.
    package func otpParameters(_ entry: Entry) throws(VaultError) -> OTPParameters {
        guard let uri = entry.text(.otp) else {
            throw .notInEntry(what: "one-time password", title: entry.title)
        }
        do throws(OTPError) {
            return try OTPAuthURI.parse(uri.span).parameters
        } catch {
            throw .invalidInput(why: "the entry's one-time password settings cannot be read")
        }
    }

    package func setOTP(_ entry: Entry, _ parameters: OTPParameters) throws(VaultError) {
        try set(entry, .otp, .text(SecretSlice(OTPAuthURI.serialize(parameters))))
    }

    /// The next counter of the entry's HOTP secret: the highest of its heads, else the one that the URI starts with.
    package func counter(_ entry: Entry, _ parameters: OTPParameters) -> UInt64 {
        guard case .hotp(let start) = parameters.kind, let secret = entry.heads[.otp]?.first?.id else { return 0 }
        let heads = entry.heads[.counter(of: secret)] ?? []
        let counters = heads.compactMap { head -> UInt64? in
            guard case .number(let counter)? = head.content?.value else { return nil }
            return counter
        }
        return max(start, counters.max() ?? 0)
    }

    /// The otpauth URI of a counter-based secret with its counter as it is now; nil for a time-based one.
    package func currentOTPURI(_ entry: Entry) throws(VaultError) -> SecretSlice? {
        let parameters = try otpParameters(entry)
        guard case .hotp = parameters.kind else { return nil }
        return SecretSlice(OTPAuthURI.serialize(parameters.counting(from: counter(entry, parameters))))
    }

    /// The otpauth URI of `entry`, with its counter as it is now; as it was saved where it cannot be read. Nil where there is none.
    package func shownOTPURI(_ entry: Entry) -> SecretSlice? {
        guard let saved = entry.text(.otp) else { return nil }
        return (try? currentOTPURI(entry)) ?? saved
    }

    /// Draws the next HOTP code: the counter is saved under the lock before the code is returned.
    package func drawHOTP(_ id: EntryID) throws(VaultError) -> HOTPDrawn { try answer(DrawHOTP(id: id)) }

    /// The code, or what stands in its place, of the entry that `query` names.
    package func oneTimeCode(
        _ query: EntryQuery, picksNewest: Bool, atSeconds: Int64
    ) throws(VaultError) -> OneTimeEntry {
        try answer(FindOneTimeCode(query: query, picksNewest: picksNewest, atSeconds: atSeconds))
    }

    /// The codes of all entries that have one, or of those with one user name.
    package func oneTimeCodes(
        username: String?, picksNewest: Bool, atSeconds: Int64
    ) throws(VaultError) -> [OneTimeEntry] {
        try answer(ListOneTimeCodes(username: username, picksNewest: picksNewest, atSeconds: atSeconds))
    }
}

/// A counter-based code that is spent now, and its counter.
package struct HOTPDrawn: Sendable {
    package let code: SecretSlice
    package let counter: UInt64
}

extension LocalSession {
    func performDraw(counterOf id: EntryID) throws(VaultError) -> HOTPDrawn {
        try vault.transaction { () throws(VaultError) in
            let entry = try entryNow(id, .everything)
            let parameters = try otpParameters(entry)
            let counter = counter(entry, parameters)
            guard let secret = entry.heads[.otp]?.first?.id, counter < .max else {
                throw VaultError.limitExceeded(what: "the last counter")
            }
            let code: SecretSlice
            do throws(OTPError) {
                code = SecretSlice(try HOTP.code(parameters, counter: counter))
            } catch {
                throw VaultError.invalidInput(why: "the one-time password is not counter-based")
            }
            let draft = entry.draft(.counter(of: secret), .number(counter + 1))
            let edit = try edits(entry, [draft].compactMap { $0 })
            return (Edits(entries: [edit]), HOTPDrawn(code: code, counter: counter))
        }
    }
}
