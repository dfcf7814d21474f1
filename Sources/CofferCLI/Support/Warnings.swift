/// What a person should know though the command succeeds.
import CofferMemory

enum Warnings {
    static func sayIfMemoryIsNotLocked() {
        guard MemoryLock.hasFailed else { return }
        Output.message(
            "coffer: warning: the system does not let secrets be locked in memory (ulimit -l), so they may reach the swap space"
        )
    }
}
