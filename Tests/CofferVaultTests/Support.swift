/// Randomness that can be repeated, settings of a run, and whole files as values.
import CofferCrypto
import CofferVault
import Glibc
import Synchronization

/// SplitMix64: a generator whose run can be repeated from the seed that the test printed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

/// The program's random bytes, from a seed.
final class SeededBytes: RandomSource, Sendable {
    private let random: Mutex<SeededRandom>

    init(seed: UInt64) { random = Mutex(SeededRandom(seed: seed)) }

    func fill(_ bytes: inout MutableSpan<UInt8>) {
        for index in bytes.indices { bytes[index] = random.withLock { UInt8(truncatingIfNeeded: $0.next()) } }
    }
}

enum Setting {
    static func number(_ name: String) -> UInt64? {
        // The environment is not changed while tests run, and the text is copied.
        unsafe getenv(name).flatMap { UInt64(unsafe String(cString: $0)) }
    }
}

enum WholeFile {
    static func bytes(_ path: String) throws -> [UInt8] {
        let file = try File(opening: path, O_RDONLY)
        return try file.bytes(at: 0, count: file.identity().sizeCount)
    }

    /// Puts a file in the place of whatever is there.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let file = try File(opening: path, O_WRONLY | O_CREAT | O_TRUNC)
        try file.write(bytes.span)
    }
}
