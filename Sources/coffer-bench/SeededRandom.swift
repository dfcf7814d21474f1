/// Random bytes that are the same in every run, so that two runs measure the same vault.
import CofferCrypto
import Synchronization

/// SplitMix64 (Steele, Lea and Flood 2014). Anybody can predict it: it makes vaults for measuring, and no others.
final class SeededRandom: RandomSource, Sendable {
    private let state: Atomic<UInt64>

    init(seed: UInt64) { state = Atomic(seed) }

    func fill(_ bytes: inout MutableSpan<UInt8>) {
        var word: UInt64 = 0
        for index in bytes.indices {
            if index % 8 == 0 { word = next() }
            bytes[index] = UInt8(truncatingIfNeeded: word)
            word >>= 8
        }
    }

    private func next() -> UInt64 {
        var word = state.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
