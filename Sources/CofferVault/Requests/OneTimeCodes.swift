/// One-time codes, computed where the secret is: the secret itself stays there.
package import CofferFormat
package import CofferMemory
package import CofferModel
package import CofferOTP

/// A time-based code with the time in which it is valid (RFC 6238).
package struct TimedCode: Sendable {
    package let code: SecretSlice
    /// The code that is valid after this one.
    package let next: SecretSlice
    package let periodSeconds: Int
    /// In seconds since 1970.
    package let validFromSeconds: Int64
    /// In seconds since 1970; then the code is not valid any more.
    package let validUntilSeconds: Int64

    package init(_ parameters: OTPParameters, atSeconds: Int64) throws(OTPError) {
        let window = try TOTP.window(parameters, atUnixSeconds: atSeconds)
        code = SecretSlice(try TOTP.code(parameters, atUnixSeconds: atSeconds))
        next = SecretSlice(try TOTP.nextCode(parameters, atUnixSeconds: atSeconds))
        periodSeconds = window.periodSeconds
        validFromSeconds = window.validFromUnixSeconds
        validUntilSeconds = window.validUntilUnixSeconds
    }
}

/// What an entry's one-time password is at some time.
package enum OneTimeState: Sendable {
    case code(TimedCode)
    /// Counts; nothing is drawn by looking.
    case counter(UInt64)
    case conflict
    case unreadable
}

/// An entry that has a one-time password.
package struct OneTimeEntry: Sendable {
    package let id: EntryID
    package let title: String
    package let username: String?
    package let state: OneTimeState

    init(_ entry: Entry, _ session: LocalSession, picksNewest: Bool, atSeconds: Int64) throws(VaultError) {
        (id, title, username) = (entry.id, entry.title, entry.username)
        guard picksNewest || !entry.conflicts.contains(.otp) else {
            state = .conflict
            return
        }
        guard let parameters = try? session.otpParameters(entry) else {
            state = .unreadable
            return
        }
        guard case .totp = parameters.kind else {
            state = .counter(session.counter(entry, parameters))
            return
        }
        do throws(OTPError) {
            state = .code(try TimedCode(parameters, atSeconds: atSeconds))
        } catch {
            throw .invalidInput(why: "there is no code at that time")
        }
    }
}

/// The code of the entry that a query names. Refuses an entry without a one-time password, and one in conflict unless
/// `picksNewest`.
package struct FindOneTimeCode: Request {
    package static let number: UInt64 = 9
    let query: EntryQuery
    let picksNewest: Bool
    let atSeconds: Int64

    package func answer(by session: LocalSession) throws(VaultError) -> OneTimeEntry {
        let entry = try session.vault.find(query)
        guard picksNewest || !entry.conflicts.contains(.otp) else {
            throw .conflict(title: entry.title, field: "otp")
        }
        _ = try session.otpParameters(entry)
        return try OneTimeEntry(entry, session, picksNewest: picksNewest, atSeconds: atSeconds)
    }
}

/// The codes of all entries that have one, or of those with one user name, in the order of their titles. Opens only those.
package struct ListOneTimeCodes: Request {
    package static let number: UInt64 = 10
    let username: String?
    let picksNewest: Bool
    let atSeconds: Int64

    package func answer(by session: LocalSession) throws(VaultError) -> [OneTimeEntry] {
        let vault = session.vault
        let wanted = username.map { UnicodeText.composed($0) }
        var entries: [OneTimeEntry] = []
        for position in TitleOrder.sorted(try vault.shownPositions(), of: vault) {
            // What is joined into an entry may be what holds the key.
            let hasOwn = try vault.overview(vault.records[position]).has.contains(.otp)
            let isJoined = try vault.isJoined(at: position)
            guard hasOwn || isJoined else { continue }
            let entry = try vault.shownEntry(at: position)
            guard entry.text(.otp) != nil, wanted == nil || entry.username == wanted else { continue }
            entries.append(
                try OneTimeEntry(entry, session, picksNewest: picksNewest, atSeconds: atSeconds))
        }
        return entries
    }
}

extension TimedCode: WireValue {
    package func write(to sink: inout WireSink) {
        sink.put(code)
        sink.put(next)
        sink.put(periodSeconds)
        sink.put(validFromSeconds)
        sink.put(validUntilSeconds)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        code = try reader.read()
        next = try reader.read()
        periodSeconds = try reader.read()
        validFromSeconds = try reader.read()
        validUntilSeconds = try reader.read()
        guard OTPLimits.periodSeconds.contains(periodSeconds), validFromSeconds >= 0,
            validFromSeconds <= OTPLimits.unixSecondsMaximum,
            validUntilSeconds == validFromSeconds + Int64(periodSeconds)
        else { throw .limit("time of a code") }
    }
}

extension OneTimeEntry: WireValue {
    package func write(to sink: inout WireSink) {
        sink.put(id)
        sink.put(title)
        sink.put(username)
        switch state {
        case .code(let code):
            sink.put(UInt64(0))
            sink.put(code)
        case .counter(let counter):
            sink.put(UInt64(1))
            sink.put(counter)
        case .conflict: sink.put(UInt64(2))
        case .unreadable: sink.put(UInt64(3))
        }
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        id = try reader.read()
        title = try reader.read()
        username = try reader.read()
        switch try reader.unsigned() {
        case 0: state = .code(try reader.read())
        case 1: state = .counter(try reader.read())
        case 2: state = .conflict
        case 3: state = .unreadable
        default: throw .unexpected
        }
    }
}

extension FindOneTimeCode {
    package func write(to sink: inout WireSink) {
        sink.put(query)
        sink.put(picksNewest)
        sink.put(atSeconds)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(query: try reader.read(), picksNewest: try reader.read(), atSeconds: try reader.read())
    }
}

extension ListOneTimeCodes {
    package func write(to sink: inout WireSink) {
        sink.put(username)
        sink.put(picksNewest)
        sink.put(atSeconds)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(username: try reader.read(), picksNewest: try reader.read(), atSeconds: try reader.read())
    }
}
