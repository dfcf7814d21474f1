/// Names the hash functions that Coffer's message authentication and key derivation are built on (FIPS 180-4).

/// A hash function. SHA-1 is here for one-time passwords (RFC 4226) only; no key of a vault depends on it.
package enum HashAlgorithm: Sendable, Hashable, CaseIterable {
    case sha1
    case sha256
    case sha512

    /// The size of a hash value in bytes.
    package var outputCount: Int {
        switch self {
        case .sha1: SHA1.outputCount
        case .sha256: SHA256.outputCount
        case .sha512: SHA512.outputCount
        }
    }
}
