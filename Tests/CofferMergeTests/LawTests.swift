/// Runs the laws over made-up histories; COFFER_HISTORIES and COFFER_SEED set how many and which.
import CofferMerge
import Glibc
import TestSupport
import Testing

struct LawTests {
    @Test func `the laws of merging hold on made-up histories`() {
        let count = Self.setting("COFFER_HISTORIES").map(Int.init) ?? 2_000
        let seed = Self.setting("COFFER_SEED") ?? UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        print("merging: seed \(seed) (COFFER_SEED repeats it)")
        var steps = 0
        for _ in 0..<count {
            let history = History.make(&random)
            steps += history.steps.count
            guard let violation = Laws.violation(history) else { continue }
            let smallest = history.shrunk { Laws.violation($0)?.law == violation.law }
            Issue.record(
                "\(Laws.violation(smallest) ?? violation)\nthe smallest history found, of seed \(seed): \(smallest)")
            return
        }
        print("merging: \(count) histories of \(steps) steps keep every law")
    }

    @Test func `made-up histories reach trash, purge, conflict and trimming`() throws {
        var random = SeededRandom(seed: 1)
        var (trashed, purged, cameBack, conflicts, trimmed) = (0, 0, 0, 0, 0)
        for _ in 0..<300 {
            let world = try World(History.make(&random))
            for state in world.machines {
                switch state.state {
                case .trash: trashed += 1
                case .purged: purged += 1
                case .live: if state.versions.contains(where: { $0.field == .purge }) { cameBack += 1 }
                }
                if state.heads(of: .register(0)).count > 1 { conflicts += 1 }
                if state.versions.contains(where: \.isTrimmed) { trimmed += 1 }
            }
        }
        print(
            "histories end in: \(trashed) trash, \(purged) purged, \(cameBack) back, \(conflicts) conflicts, \(trimmed) trimmed"
        )
        #expect(min(trashed, purged, cameBack, conflicts, trimmed) > 20)
    }

    @Test func `a failing history shrinks to the steps that matter`() {
        var random = SeededRandom(seed: 7)
        var history = History.make(&random)
        while !history.steps.contains(where: { $0.kind == .purge }) { history = History.make(&random) }
        let smallest = history.shrunk { $0.steps.contains { $0.kind == .purge } }
        #expect(smallest.steps.count == 1)
    }

    private static func setting(_ name: String) -> UInt64? {
        // The environment is not changed while tests run, and the text is copied.
        unsafe getenv(name).flatMap { UInt64(unsafe String(cString: $0)) }
    }
}
