/// Memory-hard password-based key derivation (RFC 9106, Argon2id version 1.3, one lane), by libsodium.
package import CofferMemory
import CSodium

package enum Argon2id {
    /// The size of a salt in bytes.
    package static let saltCount = 16

    /// The key of `outputCount` (at least 16) bytes for `password` and `salt`, in `passes` over `memoryKiB` of memory.
    ///
    /// Throws ``CryptoError/outOfMemory`` when the machine refuses the memory, and
    /// ``CryptoError/parameterUnsupported`` for a parameter that the algorithm does not have;
    /// ``KDFLimits`` is narrower, and the caller has checked it.
    package static func derive(
        password: borrowing Span<UInt8>, salt: borrowing Span<UInt8>, passes: Int, memoryKiB: Int, outputCount: Int
    ) throws(CryptoError) -> SecretBytes {
        let (memoryCount, overflow) = memoryKiB.multipliedReportingOverflow(by: 1024)
        guard salt.count == saltCount, (1...0xFFFF_FFFF).contains(passes), !overflow,
            memoryCount >= crypto_pwhash_argon2id_memlimit_min(), memoryCount <= crypto_pwhash_argon2id_memlimit_max(),
            outputCount >= crypto_pwhash_argon2id_bytes_min(), outputCount <= crypto_pwhash_argon2id_bytes_max(),
            password.count <= crypto_pwhash_argon2id_passwd_max()
        else { throw .parameterUnsupported }
        var key = SecretBytes(zeroed: outputCount)
        var output = key.mutableSpan
        let passwordCount = password.count
        let status = unsafe output.withCBytes { target in
            unsafe password.withCBytes { passwordBytes in
                unsafe salt.withCBytes { saltBytes in
                    // Every address goes with its own length; the salt's was checked to be the one expected.
                    unsafe passwordBytes.withMemoryRebound(to: CChar.self, capacity: max(passwordCount, 1)) { text in
                        unsafe crypto_pwhash_argon2id(
                            target, UInt64(outputCount), text, UInt64(passwordCount), saltBytes,
                            UInt64(passes), memoryCount, crypto_pwhash_argon2id_ALG_ARGON2ID13)
                    }
                }
            }
        }
        // With parameters in range, memory is the only thing that can be missing.
        guard status == 0 else { throw .outOfMemory }
        return key
    }
}
