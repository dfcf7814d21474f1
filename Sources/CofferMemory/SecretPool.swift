/// One guarded and locked region that many short secrets share (docs/threat-model.md, "Memory").
import CSodium
import Glibc
import Synchronization

/// Slots for secrets of up to ``slotByteCount`` bytes: keys, hash values, passwords.
///
/// A region of its own takes twelve system calls and a whole locked page; most secrets are shorter than a line, and a
/// command handles some thirty. All access goes through spans that know their length, so a slot needs no guard page.
@safe final class SecretPool: @unchecked Sendable {
    static let slotByteCount = 256
    /// One bit a slot in ``used``.
    private static let slotCount = 64

    static let shared = SecretPool()

    private let start: UnsafeMutablePointer<UInt8>
    private let used = Mutex<UInt64>(0)

    private init() {
        unsafe start = SodiumLibrary.allocate(Self.slotCount * Self.slotByteCount)
    }

    /// A free slot of zeros; nil when all are in use.
    func take() -> UnsafeMutablePointer<UInt8>? {
        let slot = used.withLock { used -> Int in
            let free = (~used).trailingZeroBitCount
            if free < Self.slotCount { used |= 1 << UInt64(free) }
            return free
        }
        guard slot < Self.slotCount else { return nil }
        // The slot lies inside the region.
        return unsafe start + slot * Self.slotByteCount
    }

    /// Wipes a slot and frees it for others. False when `base` is no slot of this pool.
    func giveBack(_ base: UnsafeMutablePointer<UInt8>) -> Bool {
        let offset = unsafe base - start
        guard offset >= 0 && offset < Self.slotCount * Self.slotByteCount else { return false }
        // Wiped before anybody else can have it.
        unsafe sodium_memzero(base, Self.slotByteCount)
        used.withLock { $0 &= ~(1 << UInt64(offset / Self.slotByteCount)) }
        return true
    }
}
