/// One entry's line in a list of one-time passwords, at one moment.
import CofferMemory
import CofferModel

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
