/// Made-up histories of several machines, each with a vault file of its own, and their replay through sessions.
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferMerge
import CofferModel
import CofferVault
import TestSupport

/// One thing that happens on one machine. What it refers to is counted modulo what there is, so that a history stays
/// one when steps are left out.
struct VaultStep: CustomStringConvertible {
    enum Kind: CaseIterable {
        case add, set, rename, tag, trash, restore, purge, drawCode, undoCode, join, changePassword
        /// Shows an entry, lets a merge come in, and then writes what was shown.
        case setWhileMerging
        /// Takes in what another machine has.
        case merge
        /// Becomes another machine, label and all.
        case clone
        /// Goes back to an earlier state of its own, as a restored copy does.
        case rollBack
    }

    /// Names what the step makes, whatever steps are left out.
    let number: UInt64
    let kind: Kind
    let machine: Int
    let other: Int
    let entry: Int
    let draw: Int

    var description: String {
        "#\(number % 256) machine \(machine): \(kind), other \(other), entry \(entry), draw \(draw)"
    }
}

struct VaultHistory: CustomStringConvertible {
    var steps: [VaultStep]
    let machineCount: Int
    let seed: UInt64

    static func make(_ random: inout SeededRandom) -> VaultHistory {
        let more: [VaultStep.Kind] = [
            .set, .set, .set, .set, .tag, .purge, .purge, .purge, .drawCode, .changePassword, .merge, .merge, .merge,
        ]
        // One in four writes one field of one entry only, often enough that old values are trimmed.
        let isNarrow = Int.random(in: 0..<4, using: &random) == 0
        let kinds =
            isNarrow
            ? [.set, .set, .set, .setWhileMerging, .merge, .clone, .rollBack] : VaultStep.Kind.allCases + more
        let count = isNarrow ? UInt64.random(in: 30...60, using: &random) : UInt64.random(in: 4...36, using: &random)
        var passwords = 0
        let steps = (1...count).map { number in
            var kind = kinds.randomElement(using: &random)!
            if kind == .changePassword {
                passwords += 1
                // A header holds eight slots.
                if passwords > 6 { kind = .set }
            }
            return VaultStep(
                number: random.next() & ~0xFF | number, kind: kind, machine: Int.random(in: 0..<60, using: &random),
                other: Int.random(in: 0..<60, using: &random),
                entry: isNarrow ? 0 : Int.random(in: 0..<60, using: &random),
                draw: Int.random(in: 0..<1000, using: &random))
        }
        return VaultHistory(steps: steps, machineCount: Int.random(in: 2...4, using: &random), seed: random.next())
    }

    /// The smallest history found, by leaving steps out, that still fails.
    func shrunk(while fails: (VaultHistory) -> Bool) -> VaultHistory {
        var smallest = self
        var chunk = max(steps.count / 2, 1)
        while true {
            var start = 0
            var hasShrunk = false
            while start < smallest.steps.count {
                var candidate = smallest
                candidate.steps.removeSubrange(start..<min(start + chunk, candidate.steps.count))
                if fails(candidate) {
                    smallest = candidate
                    hasShrunk = true
                } else {
                    start += chunk
                }
            }
            if chunk == 1 && !hasShrunk { return smallest }
            chunk = max(chunk / 2, 1)
        }
    }

    var description: String {
        "\(machineCount) machines, seed \(seed)\n" + steps.map(\.description).joined(separator: "\n")
    }
}

/// What a history leads to: whole vault files, as bytes.
struct VaultWorld {
    /// One state of a machine: its file, and the files that it came from, oldest first.
    struct State {
        let file: [UInt8]
        let ancestors: [[UInt8]]

        func followed(by file: [UInt8]) -> State { State(file: file, ancestors: ancestors + [self.file]) }
    }

    private(set) var machines: [State]
    /// Every state that each machine has had.
    private(set) var pasts: [[State]]
    private let disk: VaultDisk

    init(_ history: VaultHistory, _ disk: VaultDisk) throws {
        self.disk = disk
        let start = State(file: try disk.newVault(seed: history.seed), ancestors: [])
        machines = Array(repeating: start, count: history.machineCount)
        pasts = machines.map { [$0] }
        for step in history.steps { try replay(step) }
    }

    private mutating func replay(_ step: VaultStep) throws {
        let machine = step.machine % machines.count
        let now = machines[machine]
        let other = machines[step.other % machines.count]
        switch step.kind {
        case .clone:
            machines[machine] = other
            pasts[machine] += pasts[step.other % machines.count]
        case .rollBack: machines[machine] = pasts[machine][step.draw % pasts[machine].count]
        case .merge: machines[machine] = now.followed(by: try disk.merge(now.file, [other.file]))
        default:
            let file = try disk.edit(now.file, author: author(step)) { session, path in
                try Self.play(step, session) { try disk.mergeIn([other.file], at: path) }
            }
            machines[machine] = now.followed(by: file)
        }
        pasts[machine].append(machines[machine])
    }

    private func author(_ step: VaultStep) -> Author {
        // Clocks are ten years off, labels say nothing.
        var random = SeededRandom(seed: step.number)
        let seconds = UInt64.random(in: 1_500_000_000..<2_100_000_000, using: &random)
        return Author(
            machineLabel: ["laptop", "desk", "m"].randomElement(using: &random)!,
            random: SeededBytes(seed: random.next()), nowSeconds: { seconds })
    }

    /// One edit, as a command makes it.
    private static func play(_ step: VaultStep, _ session: LocalSession, mergeMeanwhile: () throws -> Void) throws {
        let vault = session.vault
        let records = vault.records
        let entry = try vault.singleEntry(records[step.entry % records.count].id)
        let text = SecretSlice(copying: Array("value \(step.draw % 5)".utf8))
        switch step.kind {
        case .add:
            var new = NewEntry(title: "entry \(step.draw % 3)")
            new.password = text
            new.tags = ["t\(step.draw % 2)"]
            try session.add(new, isDuplicateAllowed: true)
        case .set: try session.set(entry, .password, .text(text))
        case .setWhileMerging:
            try mergeMeanwhile()
            try session.set(entry, .password, .text(text))
        case .rename: try session.rename(entry, to: "title \(step.draw % 3)", isDuplicateAllowed: true)
        case .tag:
            try session.change(entry, try session.drafts(entry, tags: [[], ["t0"], ["t0", "t1"]][step.draw % 3]))
        case .trash where entry.state == .live: try session.trash(entry)
        case .restore where entry.state == .trash: try session.restore(entry, isDuplicateAllowed: true)
        case .purge where entry.state == .trash: try session.purge(entry)
        // What is not in the trash goes there first.
        case .purge where entry.state == .live: try session.trash(entry)
        // Of joined entries, whose codes count together.
        case .drawCode where BackupCodes(try session.entryNow(entry.id, .everything)).unusedCount > 0:
            _ = try session.drawCode(entry.id)
        case .undoCode where BackupCodes(entry).usedCount > 0: _ = try session.undoLastUse(entry)
        case .join:
            let target = try vault.singleEntry(records[step.draw % records.count].id)
            if target.id != entry.id { try session.join(target, entry) }
        case .changePassword: try changePassword(session)
        default: break
        }
    }

    /// As a changed master password does, with a KDF of one iteration; the new one has the same letters.
    private static func changePassword(_ session: LocalSession) throws {
        let vault = session.vault
        let slot = try vault.keys.makeSlot(
            .password, VaultDisk.kdf, isTest: true, credential: VaultDisk.credential(), random: session.author.random)
        let version = session.author.mint(vault.registry.draft(slot))
        try vault.save(Edits(registry: try EntryVersions(vault.registry.live.map(\.version) + [version])))
    }
}
