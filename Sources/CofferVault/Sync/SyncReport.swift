/// What a sync did or would do (docs/sync.md).
import CofferFormat

/// Why a file in the shared folder was passed over.
package enum SkipReason: Equatable, Sendable {
    case notAVault
    /// A symbolic link, folder, pipe, socket or device; the word for it.
    case notAFile(String)
    case unreadable(errno: Int32)
    /// Damaged, cut off, forged, half-written, or with versions that contradict the vault's own; where.
    case damaged(place: String)
    case unsupported(what: String)
    case otherVault
    /// From before a change of the vault key that its machine has not taken over yet.
    case olderEpoch(UInt64)
    /// With a newer vault key that this machine has not taken over yet.
    case newerEpoch(UInt64)
    /// Of the vault's epoch with another vault key: two machines changed it at once.
    case otherKey(UInt64)
    /// There are more vault files than are looked at.
    case tooMany
}

package struct SkippedFile: Equatable, Sendable {
    package let name: String
    package let reason: SkipReason
}

/// A file that is older than what this machine has seen of it.
package struct WentBack: Equatable, Sendable {
    package let name: String
    /// From its receipt; empty without one.
    package let machineLabel: String
    package let isOwn: Bool
}

package struct SyncReport: Sendable {
    /// Nil where an older file was accepted and there is no shared folder.
    package let place: SyncPlace?
    package var merge = MergeReport()
    /// Entries of the vault that this machine's file in the folder did not have as they were here, before anything came in;
    /// nil before it is known.
    package var outCount: Int?
    /// Whether this machine's file was written anew.
    package var isPublished = false
    /// This machine's usual name and the one that was taken, where something that is not to be overwritten has the first.
    package var otherName: (usual: String, taken: String)?
    package var skipped: [SkippedFile] = []
    package var wentBack: [WentBack] = []
    /// Copies of a vault file that hold nothing that the vault does not hold, this machine's and other machines' files aside.
    package var mergedCopies: [String] = []
    /// With an older file accepted: how many edits came back of how many that were missing.
    package var cameBack: (found: UInt64, missing: UInt64)?
    /// Whether the place could be remembered.
    package var isRemembered = true

    init(place: SyncPlace?) { self.place = place }

    /// Adds what another round, or the step before the sync, brought.
    package mutating func add(_ other: MergeReport) {
        func united(_ one: [MergedEntry], _ two: [MergedEntry]) -> [MergedEntry] {
            (one.filter { old in !two.contains { $0.id == old.id } } + two).sorted {
                ($0.title, $0.id) < ($1.title, $1.id)
            }
        }
        merge.entries = united(merge.entries, other.entries)
        merge.tooLarge = united(merge.tooLarge, other.tooLarge)
        merge.keys += other.keys
    }
}
