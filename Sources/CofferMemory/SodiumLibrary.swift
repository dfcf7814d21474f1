/// Starts libsodium once, before the first use (sodium_malloc aborts without it).
import CSodium
import Glibc

package enum SodiumLibrary {
    private static let started: Bool = sodium_init() >= 0

    /// Starts the library; cheap when it is running already. Ends the process when it cannot start.
    package static func start() {
        guard started else { abort() }
    }
}
