/// Remembers whether the system refused to lock secret memory (docs/threat-model.md, "Memory").
import Synchronization

/// Whether mlock(2) has failed in this process, which the command line reports once.
package enum MemoryLock {
    private static let failed = Atomic<Bool>(false)

    /// True when at least one secret could not be locked and may reach the swap space.
    package static var hasFailed: Bool { failed.load(ordering: .relaxed) }

    static func noteFailure() { failed.store(true, ordering: .relaxed) }
}
