/// Gives the codes of a list for any moment; the entries are opened once, when it is made.
import CofferFormat
import CofferModel
import CofferOTP
import CofferVault

struct OneTimeCodeSource {
    static let emptyText = "No entry has a one-time password. Add one: coffer otp add TITLE"

    /// How many rows there are.
    let count: Int
    private let row: (_ position: Int, _ atSeconds: Int64) throws -> OneTimeCodeRow

    /// `row` gives the one at a position below `count`.
    init(count: Int, row: @escaping (_ position: Int, _ atSeconds: Int64) throws -> OneTimeCodeRow) {
        (self.count, self.row) = (count, row)
    }

    func rows(_ range: Range<Int>, atSeconds: Int64) throws -> [OneTimeCodeRow] {
        try range.map { try row($0, atSeconds) }
    }

    // MARK: From a vault

    /// All entries of `session` that have a one-time password. The session is not kept.
    init(_ session: Session, pick: FieldReader.Pick, username: String?) throws {
        self.init(try Self.accounts(session, pick, username))
    }

    /// The time-based password of one entry.
    init(_ entry: Entry, _ parameters: OTPParameters) {
        self.init([Account(id: entry.id, title: entry.title, username: entry.username, state: .timed(parameters))])
    }

    private init(_ accounts: [Account]) {
        self.init(count: accounts.count) { position, atSeconds in
            let account = accounts[position]
            return OneTimeCodeRow(
                id: account.id, title: account.title, username: account.username,
                state: try account.state(atSeconds: atSeconds))
        }
    }

    /// What is kept of an entry.
    private struct Account {
        enum State {
            case timed(OTPParameters)
            case counted(UInt64)
            case conflict
            case unreadable
        }

        let id: EntryID
        let title: String
        let username: String?
        let state: State

        func state(atSeconds: Int64) throws -> OneTimeCodeRow.State {
            switch state {
            case .timed(let parameters): .code(try OneTimeCode(parameters, atSeconds: atSeconds))
            case .counted(let counter): .counter(counter)
            case .conflict: .conflict
            case .unreadable: .unreadable
            }
        }
    }

    /// Opens only the entries that have a one-time password.
    private static func accounts(
        _ session: Session, _ pick: FieldReader.Pick, _ username: String?
    ) throws -> [Account] {
        let vault = session.vault
        let wanted = username.map { UnicodeText.composed($0) }
        var accounts: [Account] = []
        for position in TitleOrder.sorted(try vault.shownPositions(), of: vault) {
            let record = vault.records[position]
            // What is joined into an entry may be what holds the key.
            let isAlone = try vault.groupIDs(of: record.id).count == 1
            guard try !isAlone || vault.overview(record).has.contains(.otp) else { continue }
            let entry = try vault.shownEntry(at: position)
            guard entry.text(.otp) != nil, wanted == nil || entry.username == wanted else { continue }
            accounts.append(
                Account(
                    id: entry.id, title: entry.title, username: entry.username, state: state(session, entry, pick)))
        }
        return accounts
    }

    private static func state(_ session: Session, _ entry: Entry, _ pick: FieldReader.Pick) -> Account.State {
        guard pick == .newest || !entry.conflicts.contains(.otp) else { return .conflict }
        guard let parameters = try? session.otpParameters(entry) else { return .unreadable }
        guard case .totp = parameters.kind else { return .counted(session.counter(entry, parameters)) }
        return .timed(parameters)
    }
}
