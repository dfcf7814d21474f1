/// Shuts the process in before it reads a foreign byte (docs/convert.md, "The walls").
import CSandbox
import Glibc

enum Sandbox {
    /// Room for a picture of the largest kind, its copy with a margin, and the libraries.
    static let memoryMaximum: UInt = 1 << 30
    /// Computing time; a picture of the largest kind in which no code is to be found takes half of it.
    static let secondsMaximum: UInt32 = 20

    /// Whether nothing but computing and the open descriptors is left to the process now. Where the kernel has no Landlock, the
    /// system calls alone are shut.
    static func enter() -> Bool {
        let walls = coffer_sandbox_enter(memoryMaximum, secondsMaximum)
        return walls > 0 && walls & Int32(COFFER_SANDBOX_SYSTEM_CALLS) != 0
    }

    /// Tries what must not succeed: the error number of each attempt, 0 for one that could be done.
    static func attempts() -> [UInt64] {
        (0..<Int32(COFFER_SANDBOX_TRY_COUNT)).map { UInt64(clamping: coffer_sandbox_try($0)) }
    }
}
