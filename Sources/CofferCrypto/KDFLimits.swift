/// The costs that a key slot may name (docs/format.md, "Key slot"); checked before anything is computed.

package enum KDFLimits {
    /// PBKDF2: the fewest iterations of a slot that is not for tests.
    package static let iterationsMinimum = 600_000
    /// PBKDF2: the most iterations that are ever computed.
    package static let iterationsMaximum = 20_000_000
    /// Argon2id: the least memory, 64 MiB.
    package static let argon2MemoryMinimumKiB = 65_536
    /// Argon2id: the most memory, 2 GiB.
    package static let argon2MemoryMaximumKiB = 2_097_152
    /// Argon2id: the memory of a new slot, 256 MiB.
    package static let argon2MemoryDefaultKiB = 262_144
    package static let argon2PassesMinimum = 1
    package static let argon2PassesMaximum = 20
}
