/// Randomness that can be repeated, settings of a run, and whole files as values.
import CofferCrypto
import CofferVault
import Glibc
import Synchronization
import TestSupport

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
