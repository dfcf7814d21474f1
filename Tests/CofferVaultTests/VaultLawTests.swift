/// The laws of merging (docs/merge.md) on the bytes of whole vault files; COFFER_HISTORIES and COFFER_SEED set how many
/// made-up histories and which.
import CofferFormat
import CofferMerge
import CofferModel
import CofferVault
import TestSupport
import Testing

/// A law that does not hold.
private struct VaultViolation: Error, CustomStringConvertible {
    let law: String
    var detail = ""

    var description: String { detail.isEmpty ? law : "\(law): \(detail)" }
}

struct VaultLawTests {
    @Test func `the laws of merging hold on the bytes of whole vault files`() throws {
        let count = Setting.number("COFFER_HISTORIES").map(Int.init) ?? 30
        let seed = Setting.number("COFFER_SEED") ?? UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        print("vault files: seed \(seed) (COFFER_SEED repeats it)")
        let disk = try VaultDisk()
        var steps = 0
        for _ in 0..<count {
            let history = VaultHistory.make(&random)
            steps += history.steps.count
            guard let violation = Self.violation(history, disk) else { continue }
            let smallest = history.shrunk { Self.violation($0, disk)?.law == violation.law }
            Issue.record(
                "\(Self.violation(smallest, disk) ?? violation)\nthe smallest history found, of seed \(seed): \(smallest)"
            )
            return
        }
        print("vault files: \(count) histories of \(steps) steps keep every law, byte for byte")
    }

    @Test
    func `made-up histories of vault files reach trash, purge, conflict, used codes, old values and several slots`()
        throws
    {
        var random = SeededRandom(seed: 1)
        let disk = try VaultDisk()
        var (trashed, purged, conflicts, used, old, joined, slots) = (0, 0, 0, 0, 0, 0, 0)
        for _ in 0..<60 {
            let world = try VaultWorld(VaultHistory.make(&random), disk)
            let files = world.machines.map(\.file)
            for file in files + [try disk.merge(files[0], files)] {
                _ = try disk.edit(file, author: Self.reader) { session, _ in
                    let entries = try session.vault.records.map { try session.vault.singleEntry($0.id) }
                    trashed += entries.count { $0.state == .trash }
                    purged += entries.count { $0.state == .purged }
                    conflicts += entries.count { !$0.conflicts.isEmpty }
                    used += entries.count { BackupCodes($0).usedCount > 0 }
                    old += entries.count { entry in
                        // Trimmed and not purged: there are more than ten replaced values of one field.
                        !entry.versions.versions.contains { $0.field == .purge }
                            && entry.versions.versions.contains(where: \.isTrimmed)
                    }
                    joined += entries.count { !$0.joinedInto.isEmpty }
                    slots += session.vault.registry.live.count > 1 ? 1 : 0
                }
            }
            disk.clear()
        }
        print(
            "vault files end with: \(trashed) trash, \(purged) purged, \(conflicts) conflicts, \(used) used, \(old) old, \(joined) joined, \(slots) several slots"
        )
        #expect(min(trashed, purged, conflicts, used, old, joined, slots) > 5)
    }

    private static let reader = Author(machineLabel: "reader", random: SeededBytes(seed: 0), nowSeconds: { 0 })

    /// The first law that the history breaks.
    private static func violation(_ history: VaultHistory, _ disk: VaultDisk) -> VaultViolation? {
        defer { disk.clear() }
        do {
            try check(VaultWorld(history, disk), history, disk)
            return nil
        } catch let violation as VaultViolation {
            return violation
        } catch {
            return VaultViolation(law: "honest edits are always saved and merged", detail: "\(error)")
        }
    }

    private static func check(_ world: VaultWorld, _ history: VaultHistory, _ disk: VaultDisk) throws {
        var random = SeededRandom(seed: history.seed)
        func require(_ one: [UInt8], _ two: [UInt8], _ law: String) throws {
            guard one == two else { throw VaultViolation(law: law) }
        }
        for _ in 0..<2 {
            // Any state that any machine has ever had.
            let picked = (0..<3).map { _ in world.pasts.randomElement(using: &random)!.randomElement(using: &random)! }
            let (a, b, c) = (picked[0].file, picked[1].file, picked[2].file)
            let ab = try disk.merge(a, [b])
            try require(ab, try disk.merge(b, [a]), "commutative")
            try require(try disk.merge(a, [a]), a, "idempotent")
            try require(try disk.merge(ab, [b, a]), ab, "a merge that is repeated changes nothing")
            let abc = try disk.merge(ab, [c])
            try require(abc, try disk.merge(a, [disk.merge(b, [c])]), "associative")
            try require(abc, try disk.merge(c, [b, a]), "several files at once are the same as one after another")
            for ancestor in picked[0].ancestors.suffix(2) + picked[0].ancestors.prefix(1) {
                try require(try disk.merge(a, [ancestor]), a, "an ancestor changes nothing")
                try require(try disk.merge(ancestor, [a]), a, "an ancestor becomes what came of it")
            }
        }
        let files = world.machines.map(\.file)
        let all = try disk.merge(files[0], files.shuffled(using: &random))
        for file in files {
            try require(
                all, try disk.merge(file, files.shuffled(using: &random)), "all machines end with the same bytes")
        }
    }
}
