/// Gives the codes of a list for any moment; the session is asked again only when a code is over.
import CofferModel
import CofferVault

struct OneTimeCodeSource {
    static let emptyText = "No entry has a one-time password. Add one: coffer otp add TITLE"

    private let allRows: (_ atSeconds: Int64) throws -> [OneTimeCodeRow]

    /// `allRows` gives every row at a time since 1970.
    init(allRows: @escaping (_ atSeconds: Int64) throws -> [OneTimeCodeRow]) { self.allRows = allRows }

    func rows(atSeconds: Int64) throws -> [OneTimeCodeRow] { try allRows(atSeconds) }

    // MARK: From a vault

    /// All entries of `session` that have a one-time password.
    init(_ session: any Session, pick: FieldReader.Pick, username: String?) {
        self.init { seconds in
            try session.oneTimeCodes(username: username, picksNewest: pick == .newest, atSeconds: seconds)
        }
    }

    /// The time-based password of one entry.
    init(_ session: any Session, _ query: EntryQuery, pick: FieldReader.Pick) {
        self.init { seconds in
            [try session.oneTimeCode(query, picksNewest: pick == .newest, atSeconds: seconds)]
        }
    }

    private init(_ ask: @escaping (_ atSeconds: Int64) throws -> [OneTimeEntry]) {
        var known: [OneTimeEntry] = []
        var validSeconds: Range<Int64> = 0..<0
        self.init(allRows: { seconds in
            if !validSeconds.contains(seconds) {
                known = try ask(seconds)
                validSeconds = Self.validity(of: known, at: seconds)
            }
            return known.map { OneTimeCodeRow($0, atSeconds: seconds) }
        })
    }

    /// The time in which no code of `entries` changes. Where none has a code, they are looked at again after a while.
    private static func validity(of entries: [OneTimeEntry], at seconds: Int64) -> Range<Int64> {
        let codes = entries.compactMap { if case .code(let code) = $0.state { code } else { nil } }
        let from = codes.map(\.validFromSeconds).max() ?? seconds
        let until = codes.map(\.validUntilSeconds).min() ?? seconds + 30
        return from..<max(from, until)
    }
}
