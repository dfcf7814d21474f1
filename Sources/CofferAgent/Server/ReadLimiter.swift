/// Counts whose secrets are read: a program that goes through the whole vault must ask again (docs/agent.md, "Re-asking").
import CofferModel
package import CofferVault

/// More than ``entriesMaximum`` different entries within ``windowSeconds`` are refused.
package struct ReadLimiter {
    package static let entriesMaximum = 30
    package static let windowSeconds = 60.0

    /// When each entry's secrets were told last.
    private var times: [EntryID: Double] = [:]
    /// When the master password was given again last.
    private var provedSeconds: Double?

    package init() {}

    /// Whether `disclosed` may be told at `now`; it is counted if it may. `entryCount` is how many entries there are.
    package mutating func admits(_ disclosed: Disclosed, entryCount: @autoclosure () -> Int, now: Double) -> Bool {
        times = times.filter { now - $0.value < Self.windowSeconds }
        switch disclosed {
        case .nothing: return true
        case .all:
            if let provedSeconds, now - provedSeconds < Self.windowSeconds { return true }
            return entryCount() <= Self.entriesMaximum
        case .entry(let id):
            guard times[id] != nil || times.count < Self.entriesMaximum else { return false }
            times[id] = now
            return true
        }
    }

    /// Begins to count anew at `now`: the master password was given again.
    package mutating func reset(now: Double) {
        times = [:]
        provedSeconds = now
    }
}
