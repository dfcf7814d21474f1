/// Guarded and locked regions that many short secrets share (docs/threat-model.md, "Memory").
import CSodium
import Glibc
import Synchronization

/// Slots of one size for secrets up to that size: keys, hash values, passwords, the versions of an entry.
///
/// A region of its own takes twelve system calls and a whole locked page; most secrets are shorter than a line, a command
/// handles some thirty, and a merge opens hundreds of entries. All access goes through spans that know their length, so a
/// slot needs no guard page; the region has its own (docs/decisions/0006).
@safe final class SecretPool: @unchecked Sendable {
    /// Longer secrets have a region of their own.
    static let byteCountMaximum = 4096

    private static let pools = [
        SecretPool(slotByteCount: 256), SecretPool(slotByteCount: 1024), SecretPool(slotByteCount: byteCountMaximum),
    ]
    /// The first region of a pool is small, because a machine may lock little; those after it are as large as their mask.
    private static let firstRegionByteCount = 16 * 1024
    private static let slotsMaximum = 64

    /// The pool for secrets of `count` bytes; nil for those that have a region of their own.
    static func pool(for count: Int) -> SecretPool? {
        guard count <= byteCountMaximum else { return nil }
        return pools.first { count <= $0.slotByteCount }
    }

    @unsafe private struct Region: @unchecked Sendable {
        let start: UnsafeMutablePointer<UInt8>
        let slotCount: Int
        /// One bit a slot.
        var used: UInt64 = 0

        var isFull: Bool { unsafe used == (slotCount == 64 ? UInt64.max : 1 << UInt64(slotCount) - 1) }
    }

    private let slotByteCount: Int
    /// Ascending by their addresses.
    private let regions = unsafe Mutex<[Region]>([])

    private init(slotByteCount: Int) { self.slotByteCount = slotByteCount }

    /// A free slot of zeros.
    func take() -> UnsafeMutablePointer<UInt8> {
        unsafe regions.withLock { regions in
            // A region that is full stays full for long while much is opened: the last one made has room, mostly.
            let position = unsafe regions.lastIndex { unsafe !$0.isFull } ?? addRegion(&regions)
            let slot = unsafe (~regions[position].used).trailingZeroBitCount
            unsafe regions[position].used |= 1 << UInt64(slot)
            // The slot lies inside the region.
            return unsafe regions[position].start + slot * slotByteCount
        }
    }

    /// Wipes a slot that ``take()`` has given and frees it for others.
    func giveBack(_ base: UnsafeMutablePointer<UInt8>) {
        // Wiped before anybody else can have it.
        unsafe sodium_memzero(base, slotByteCount)
        unsafe regions.withLock { regions in
            let position = unsafe position(of: base, in: regions)
            let slot = unsafe (base - regions[position].start) / slotByteCount
            unsafe regions[position].used &= ~(1 << UInt64(slot))
            guard unsafe regions[position].used == 0, unsafe regions.count > 1 else { return }
            unsafe sodium_free(regions.remove(at: position).start)
        }
    }

    private func addRegion(_ regions: inout [Region]) -> Int {
        let slotCount =
            unsafe regions.isEmpty ? Self.firstRegionByteCount / slotByteCount : Self.slotsMaximum
        let start = unsafe SodiumLibrary.allocate(slotCount * slotByteCount)
        let position = unsafe regions.firstIndex { unsafe $0.start > start } ?? regions.count
        unsafe regions.insert(Region(start: start, slotCount: slotCount), at: position)
        return position
    }

    /// The last region that starts at or before `base`, which is one of its slots.
    private func position(of base: UnsafeMutablePointer<UInt8>, in regions: [Region]) -> Int {
        var (low, high) = (0, unsafe regions.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if unsafe regions[middle].start <= base { low = middle } else { high = middle }
        }
        return low
    }
}
