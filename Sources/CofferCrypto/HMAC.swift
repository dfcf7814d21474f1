/// Message authentication codes over a hash function (RFC 2104).
package import CofferMemory

package enum HMAC {
    /// The authentication code of `message` under `key`: as many bytes as the hash has. Both may have any length.
    package static func authenticate(
        _ algorithm: HashAlgorithm, key: borrowing Span<UInt8>, message: borrowing Span<UInt8>
    ) -> SecretBytes {
        switch algorithm {
        case .sha1: authenticate(SHA1.self, key: key, message: message)
        case .sha256: authenticate(SHA256.self, key: key, message: message)
        case .sha512: authenticate(SHA512.self, key: key, message: message)
        }
    }

    private static func authenticate<Hash: SHAFunction>(
        _: Hash.Type, key: borrowing Span<UInt8>, message: borrowing Span<UInt8>
    ) -> SecretBytes {
        var states = HMACKey<Hash>(key)
        var code = SecretBytes(zeroed: Hash.outputCount)
        states.start()
        states.update(message)
        var output = code.mutableSpan
        states.finish(into: &output)
        return code
    }
}
