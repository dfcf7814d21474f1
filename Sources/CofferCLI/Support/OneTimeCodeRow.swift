/// One entry's line in a list of one-time passwords, at one moment.
import CofferMemory
import CofferModel
import CofferVault

struct OneTimeCodeRow {
    enum State {
        case code(OneTimeCode)
        /// Counts; nothing is drawn by listing.
        case counter(UInt64)
        case conflict
        case unreadable
    }

    let id: EntryID
    let title: String
    let username: String?
    let state: State

    init(id: EntryID, title: String, username: String?, state: State) {
        (self.id, self.title, self.username, self.state) = (id, title, username, state)
    }

    /// `entry` as it is told of at `atSeconds` since 1970.
    init(_ entry: OneTimeEntry, atSeconds: Int64) {
        let state: State =
            switch entry.state {
            case .code(let code): .code(OneTimeCode(code, atSeconds: atSeconds))
            case .counter(let counter): .counter(counter)
            case .conflict: .conflict
            case .unreadable: .unreadable
            }
        self.init(id: entry.id, title: entry.title, username: entry.username, state: state)
    }

    func appendCode(to text: inout SecretBuilder) {
        if case .code(let code) = state { text.append(code.code) }
        if let absence { text.append(absence) }
    }

    var codeColumns: Int {
        if case .code(let code) = state { return code.code.count }
        return DisplayWidth.columns((absence ?? "").utf8Span.span)
    }

    /// The seconds that are left; empty where there is no code.
    var remaining: String {
        guard case .code(let code) = state else { return "" }
        return "\(code.remainingSeconds)"
    }

    /// What stands where there is no code; never six digits, so that no script takes it for one.
    private var absence: String? {
        switch state {
        case .code: nil
        case .counter: "[--next]"
        case .conflict: "[conflict]"
        case .unreadable: "[unreadable]"
        }
    }
}
