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

    /// How many elements were named, and since when.
    private var nameCount = 0
    private var namesSinceSeconds = -Double.infinity
    /// Enough for every list of codes that a service gives out, too few to try six digits.
    package static let namesMaximum = 500

    package init() {}

    /// Whether `disclosed` may be told at `now`; it is counted if it may. `entryCount` is how many entries there are, whatever their state.
    package mutating func admits(_ disclosed: Disclosed, entryCount: @autoclosure () -> Int, now: Double) -> Bool {
        times = times.filter { now - $0.value < Self.windowSeconds }
        switch disclosed {
        case .nothing: return true
        case .all:
            if let provedSeconds, now - provedSeconds < Self.windowSeconds { return true }
            return entryCount() <= Self.entriesMaximum
        case .entries(let ids):
            let new = Set(ids).subtracting(times.keys)
            guard new.isEmpty || times.count + new.count <= Self.entriesMaximum else { return false }
            for id in ids { times[id] = now }
            return true
        }
    }

    /// Whether an element may be named at `now`: the name of a backup code tells whether a guess is right.
    package mutating func admitsName(now: Double) -> Bool {
        if now - namesSinceSeconds >= Self.windowSeconds { (namesSinceSeconds, nameCount) = (now, 0) }
        nameCount += 1
        return nameCount <= Self.namesMaximum
    }

    /// Begins to count anew at `now`: the master password was given again.
    package mutating func reset(now: Double) {
        times = [:]
        provedSeconds = now
    }
}
