/// Puts the parts of one of Google Authenticator's exports together, in whatever order they come.

/// The parts read so far. Whether the accounts of an incomplete batch are taken is the caller's decision.
package struct GoogleMigrationBatch: Sendable, Equatable {
    /// In order of their index; all of one batch.
    package private(set) var parts: [GoogleMigration.Part] = []

    package init() {}

    /// Takes one part in; the same part again changes nothing.
    ///
    /// Throws `otherMigration` for a part of another batch, and for one that says something else than the part with its
    /// number that is here already.
    package mutating func add(_ part: GoogleMigration.Part) throws(OTPError) {
        if let first = parts.first {
            guard part.batchID == first.batchID, part.batchSize == first.batchSize else { throw .otherMigration }
        }
        let place = parts.firstIndex { $0.batchIndex >= part.batchIndex } ?? parts.count
        if place < parts.count, parts[place].batchIndex == part.batchIndex {
            guard parts[place] == part else { throw .otherMigration }
        } else {
            parts.insert(part, at: place)
        }
    }

    /// How many parts the batch has; 0 before the first is here, because nobody knows.
    package var size: Int { parts.first?.batchSize ?? 0 }

    /// The numbers, from 1 on, of the parts that are not here yet.
    package var missing: [Int] {
        let present = Set(parts.map(\.batchIndex))
        return (0..<size).filter { !present.contains($0) }.map { $0 + 1 }
    }

    /// Whether every part is here.
    package var isComplete: Bool { size > 0 && parts.count == size }

    /// The accounts of all parts that are here, in their order.
    package var accounts: [OTPParameters] { parts.flatMap(\.accounts) }

    /// The accounts of all parts that are here and could not be taken.
    package var skipped: [GoogleMigration.Skipped] { parts.flatMap(\.skipped) }

    /// How many fields of all parts that are here are unknown.
    package var unknownFieldCount: Int { parts.reduce(0) { $0 + $1.unknownFieldCount } }
}
