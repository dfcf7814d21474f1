/// Made-up histories of several machines that edit one entry, and their replay.
import CofferMerge
import TestSupport

/// One thing that happens on one machine. What it refers to is counted modulo what there is, so that a history stays
/// one when steps are left out.
struct Step: CustomStringConvertible {
    enum Kind: CaseIterable {
        /// Writes a field of what is shown.
        case edit
        /// Writes a field of a state that was shown earlier (D4, rule 8).
        case staleEdit
        /// Writes an old value of a field again.
        case undo
        case trash
        case staleTrash
        case restore
        case purge
        /// Takes in what another machine has.
        case pull
        /// Becomes another machine, label and all.
        case clone
        /// Goes back to an earlier state of its own, as a restored backup does.
        case rollBack
    }

    /// Names what the step makes, whatever steps are left out.
    let number: UInt64
    let kind: Kind
    let machine: Int
    let other: Int
    let field: Int
    let past: Int

    func with(_ kind: Kind) -> Step {
        Step(number: number, kind: kind, machine: machine, other: other, field: field, past: past)
    }

    var description: String { "#\(number) machine \(machine): \(kind) f\(field) other \(other) past \(past)" }
}

struct History: CustomStringConvertible {
    var steps: [Step]
    let machineCount: Int
    let fieldCount: Int
    let historyLimit: Int
    /// Decides clocks, and what the laws pick from the states.
    let seed: UInt64

    static func make(_ random: inout SeededRandom) -> History {
        let machineCount = Int.random(in: 2...5, using: &random)
        let fieldCount = Int.random(in: 1...3, using: &random)
        // Edits and pulls happen more often than the rest.
        let kinds = Step.Kind.allCases + [.edit, .edit, .edit, .edit, .pull, .pull, .pull, .staleEdit, .purge]
        let steps = (1...UInt64.random(in: 4...48, using: &random)).map { number in
            Step(
                // Ids are random, so their order says nothing of the order of steps.
                number: random.next() & ~0xFF | number, kind: kinds.randomElement(using: &random)!,
                machine: Int.random(in: 0..<machineCount, using: &random),
                other: Int.random(in: 0..<machineCount, using: &random),
                field: Int.random(in: 0..<fieldCount, using: &random), past: Int.random(in: 0..<1000, using: &random))
        }
        return History(
            steps: steps, machineCount: machineCount, fieldCount: fieldCount,
            historyLimit: [0, 1, 2, 3, 10].randomElement(using: &random)!, seed: random.next())
    }

    /// The smallest history found, by leaving steps out, that still fails.
    func shrunk(while fails: (History) -> Bool) -> History {
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
        "\(machineCount) machines, \(fieldCount) fields, history of \(historyLimit), seed \(seed)\n"
            + steps.map(\.description).joined(separator: "\n")
    }
}

/// What a history leads to.
struct World {
    private(set) var machines: [TestSet]
    /// Every state that each machine has had.
    private(set) var pasts: [[TestSet]]
    /// Every version that was ever made, in full.
    private(set) var ledger: [VersionID: TestVersion] = [:]
    /// For each purge, everything that its author's state held.
    private(set) var sawByPurge: [VersionID: Set<VersionID>] = [:]
    private let historyLimit: Int
    private var random: SeededRandom

    init(_ history: History) throws {
        machines = Array(repeating: TestSet(), count: history.machineCount)
        pasts = machines.map { [$0] }
        historyLimit = history.historyLimit
        random = SeededRandom(seed: history.seed)
        for step in history.steps { try replay(step) }
    }

    private mutating func replay(_ step: Step) throws {
        let now = machines[step.machine]
        let past = pasts[step.machine][step.past % pasts[step.machine].count]
        let field = TestField.register(step.field)
        switch step.kind {
        case .edit: try write(step, field, Int(step.number >> 1), shown: now)
        case .staleEdit: try write(step, field, Int(step.number >> 1), shown: past)
        case .undo:
            let values = now.versions.filter { $0.field == field }.compactMap(\.content?.value)
            guard !values.isEmpty else { return }
            try write(step, field, values[step.past % values.count], shown: now)
        case .trash: try write(step, .trash, 1, shown: now)
        case .staleTrash: try write(step, .trash, 1, shown: past)
        case .restore: try write(step, .trash, 0, shown: now)
        case .purge:
            // What is not in the trash goes there first.
            guard now.state == .trash else { return try replay(step.with(.trash)) }
            sawByPurge[id(step.number)] = now.ids
            try write(step, .purge, 0, shown: now)
        case .pull: machines[step.machine] = try now.merged(with: machines[step.other], historyLimit: historyLimit)
        case .clone:
            machines[step.machine] = machines[step.other]
            pasts[step.machine] += pasts[step.other]
        case .rollBack: machines[step.machine] = past
        }
        pasts[step.machine].append(machines[step.machine])
    }

    /// Saves an edit of the state that was shown into the state that there is now (D4, rule 8).
    private mutating func write(_ step: Step, _ field: TestField, _ value: Int, shown: TestSet) throws {
        let seen = field.mergeRule == .register ? [] : shown.visibleHeads.map(\.id)
        let replaces = field.mergeRule == .purge ? [] : shown.heads(of: field).map(\.id)
        // Clocks are ten years off, labels say nothing.
        let made = TestVersion(
            id: id(step.number), field: field, replaces: replaces,
            content: .init(
                atSeconds: UInt64.random(in: 0..<600_000_000, using: &random),
                by: ["laptop", "desk", ""].randomElement(using: &random)!, value: value, seen: seen))
        ledger[made.id] = made
        let edited = try TestSet(shown.versions + [made])
        machines[step.machine] = try machines[step.machine].merged(with: edited, historyLimit: historyLimit)
    }
}
