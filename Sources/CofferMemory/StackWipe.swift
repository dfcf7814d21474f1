/// Clears what finished functions left of secrets on the stack.
import CSodium

package enum StackWipe {
    /// What the functions of a hash or cipher use at most, in a debug build too; in bytes.
    package static let usualCount = 4096

    /// Overwrites the `count` bytes below the caller's frame, where the functions it called kept what they worked on.
    ///
    /// C code and the optimiser are free to spill a block of a message or a key there. It stays until something else
    /// uses the place, in memory that is not locked.
    @inline(never)
    package static func wipe(count: Int = usualCount) { sodium_stackzero(count) }
}
