/// Authenticated encryption under an explicit nonce (draft-irtf-cfrg-xchacha-03), by libsodium.
///
/// What has many messages under one key is a ``SealedBox``. This is for a key that seals exactly one message,
/// whose nonce is then zero: a key slot's wrapping key.
import CofferMemory
import CSodium

package enum XChaCha20Poly1305 {
    /// Sizes in bytes.
    package static let keyCount = 32
    package static let nonceCount = 24
    package static let tagCount = 16
    /// The nonce of a key that seals exactly one message, and is derived anew for every one.
    package static let nonceZero = [UInt8](repeating: 0, count: nonceCount)

    /// The ciphertext of `plaintext`, followed by its tag.
    package static func seal(
        _ plaintext: borrowing Span<UInt8>, nonce: borrowing Span<UInt8>, associatedData: borrowing Span<UInt8>,
        key: borrowing Span<UInt8>
    ) -> [UInt8] {
        var sealed = [UInt8](repeating: 0, count: plaintext.count + tagCount)
        var target = sealed.mutableSpan
        seal(plaintext, nonce: nonce, associatedData: associatedData, key: key, into: &target)
        return sealed
    }

    /// Writes the ciphertext of `plaintext` and its tag to `sealed`, which is 16 bytes longer.
    package static func seal(
        _ plaintext: borrowing Span<UInt8>, nonce: borrowing Span<UInt8>, associatedData: borrowing Span<UInt8>,
        key: borrowing Span<UInt8>, into sealed: inout MutableSpan<UInt8>
    ) {
        precondition(sealed.count == plaintext.count + tagCount)
        precondition(nonce.count == nonceCount && key.count == keyCount)
        SodiumLibrary.start()
        let plaintextCount = plaintext.count
        // The lengths that the next function needs were checked above.
        unsafe sealed.withCBytes { target in
            unsafe plaintext.withCBytes { source in
                unsafe nonce.withCBytes { nonceBytes in
                    unsafe seal(
                        source, count: plaintextCount, nonce: nonceBytes, associatedData: associatedData, key: key,
                        into: target)
                }
            }
        }
    }

    /// Opens `sealed`, a ciphertext with its tag, into `plaintext`, which is 16 bytes shorter.
    ///
    /// When it throws ``SealedBoxError/authenticationFailed``, `plaintext` is all zeros.
    package static func open(
        _ sealed: borrowing Span<UInt8>, nonce: borrowing Span<UInt8>, associatedData: borrowing Span<UInt8>,
        key: borrowing Span<UInt8>, into plaintext: inout MutableSpan<UInt8>
    ) throws(SealedBoxError) {
        guard sealed.count >= tagCount else { throw .tooShort }
        precondition(plaintext.count == sealed.count - tagCount)
        precondition(nonce.count == nonceCount && key.count == keyCount)
        SodiumLibrary.start()
        let sealedCount = sealed.count
        // The lengths that the next function needs were checked above.
        let isAuthentic = unsafe plaintext.withCBytes { target in
            unsafe sealed.withCBytes { source in
                unsafe nonce.withCBytes { nonceBytes in
                    unsafe open(
                        source, count: sealedCount, nonce: nonceBytes, associatedData: associatedData, key: key,
                        into: target)
                }
            }
        }
        guard isAuthentic else { throw .authenticationFailed }
    }

    /// Seals `count` bytes at `plaintext` into `count` + 16 bytes at `sealed`. The two may be the same address.
    static func seal(
        _ plaintext: UnsafePointer<UInt8>, count: Int, nonce: UnsafePointer<UInt8>,
        associatedData: borrowing Span<UInt8>, key: borrowing Span<UInt8>, into sealed: UnsafeMutablePointer<UInt8>
    ) {
        let associatedCount = associatedData.count
        defer { StackWipe.wipe() }
        let status = unsafe associatedData.withCBytes { associated in
            unsafe key.withCBytes { keyBytes in
                // libsodium encrypts in place; the caller vouches for the lengths.
                unsafe crypto_aead_xchacha20poly1305_ietf_encrypt(
                    sealed, nil, plaintext, UInt64(count), associated, UInt64(associatedCount), nil, nonce, keyBytes)
            }
        }
        precondition(status == 0)
    }

    /// Opens `count` bytes (at least 16) at `sealed` into `count` - 16 bytes at `plaintext`; false, and zeros there,
    /// when they are not authentic. The two may be the same address.
    static func open(
        _ sealed: UnsafePointer<UInt8>, count: Int, nonce: UnsafePointer<UInt8>,
        associatedData: borrowing Span<UInt8>, key: borrowing Span<UInt8>, into plaintext: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        let associatedCount = associatedData.count
        defer { StackWipe.wipe() }
        return unsafe associatedData.withCBytes { associated in
            unsafe key.withCBytes { keyBytes in
                // libsodium checks the tag before it decrypts, in place too; the caller vouches for the lengths.
                unsafe crypto_aead_xchacha20poly1305_ietf_decrypt(
                    plaintext, nil, nil, sealed, UInt64(count), associated, UInt64(associatedCount), nonce, keyBytes)
            } == 0
        }
    }
}
