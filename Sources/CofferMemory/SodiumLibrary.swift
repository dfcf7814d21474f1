/// Starts libsodium once, before the first use (sodium_malloc aborts without it).
import CSodium
import Glibc

package enum SodiumLibrary {
    private static let started: Bool = sodium_init() >= 0

    /// Starts the library; cheap when it is running already. Ends the process when it cannot start.
    package static func start() {
        guard started else { abort() }
    }

    /// `count` zero bytes, at least one, between guard pages; locked up to ``SecretBytes/lockedCountMaximum``.
    ///
    /// Ends the process when there is no memory left: nothing sensible can go on without it, and no caller could.
    static func allocate(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        precondition(count > 0)
        start()
        // sodium_malloc returns memory for at least `count` bytes, or nil.
        guard let raw = unsafe sodium_malloc(count) else { abort() }
        // sodium_malloc fills with a pattern; a secret buffer starts as zeros.
        unsafe sodium_memzero(raw, count)
        if count > SecretBytes.lockedCountMaximum {
            unsafe munlock(raw, count)
        } else if unsafe mlock(raw, count) != 0 {
            // sodium_malloc hides that its own mlock failed; asking again for the same pages tells.
            MemoryLock.noteFailure()
        }
        return unsafe raw.bindMemory(to: UInt8.self, capacity: count)
    }
}
