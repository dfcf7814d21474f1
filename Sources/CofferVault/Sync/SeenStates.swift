/// The states of the local vault file that this machine has seen, in their order (docs/sync.md, "What a machine
/// remembers").
import CofferFormat

/// A list that only grows at its end, and forgets the oldest.
struct SeenStates: Equatable {
    struct State: Equatable {
        /// The first bytes of the state's id.
        let short: [UInt8]
        let edits: UInt64
    }

    static let countMaximum = 2048
    private static let recordCount = RememberedState.shortCount + 8

    private(set) var states: [State] = []

    init() {}

    /// Nil for bytes of another length.
    init?(_ bytes: [UInt8]) {
        guard bytes.count % Self.recordCount == 0 else { return nil }
        let span = bytes.span
        states = stride(from: 0, to: bytes.count, by: Self.recordCount).map { start in
            State(
                short: Array(bytes[start..<start + RememberedState.shortCount]),
                edits: span.bigEndian(at: start + RememberedState.shortCount, count: 8))
        }
    }

    var encoded: [UInt8] { states.suffix(Self.countMaximum).flatMap { $0.short + bigEndian($0.edits) } }

    /// The last of them.
    func latest(_ count: Int) -> SeenStates {
        var latest = SeenStates()
        latest.states = states.suffix(count)
        return latest
    }

    mutating func append(_ stateID: [UInt8], edits: UInt64) {
        states.append(State(short: Array(stateID.prefix(RememberedState.shortCount)), edits: edits))
    }

    /// The edits of the state when it was seen last; nil for one that is not known.
    func edits(of stateID: [UInt8]) -> UInt64? {
        let short = Array(stateID.prefix(RememberedState.shortCount))
        return states.last { $0.short == short }?.edits
    }
}
