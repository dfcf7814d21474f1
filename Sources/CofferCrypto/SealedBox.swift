/// Boxes whose nonce is derived from what they hold (docs/format.md, "Sealed box").
import CofferMemory
import CSodium

/// Why a box did not open.
package enum SealedBoxError: Error, Equatable {
    /// Fewer bytes than an empty box has.
    case tooShort
    /// The key, the associated data or the box is not the one that was sealed.
    case authenticationFailed
    /// The box is authentic, but its nonce does not follow from its content: no Coffer wrote it.
    case nonceMismatch
}

/// A box is its nonce (24 bytes), the ciphertext, and its tag (16 bytes).
///
/// The nonce is BLAKE2b-192 under the nonce key over the length of the associated data (8 bytes, the most significant
/// first), the associated data and the plaintext. So the same content gives the same box, and two contents never
/// share a nonce, whatever the random generator does.
package enum SealedBox {
    /// How many bytes longer a box is than what it holds.
    package static let overhead = XChaCha20Poly1305.nonceCount + XChaCha20Poly1305.tagCount

    /// The box that holds `padded`.
    package static func seal<Key: BoxKey & ~Copyable>(
        _ padded: borrowing Span<UInt8>, associatedData: borrowing Span<UInt8>,
        key: borrowing Key, nonceKey: borrowing NonceKey
    ) -> [UInt8] {
        var box = [UInt8](repeating: 0, count: padded.count + overhead)
        var target = box.mutableSpan
        seal(padded, associatedData: associatedData, key: key, nonceKey: nonceKey, into: &target)
        return box
    }

    /// Writes the box that holds `padded` to `box`, which is ``overhead`` bytes longer.
    package static func seal<Key: BoxKey & ~Copyable>(
        _ padded: borrowing Span<UInt8>, associatedData: borrowing Span<UInt8>,
        key: borrowing Key, nonceKey: borrowing NonceKey, into box: inout MutableSpan<UInt8>
    ) {
        precondition(box.count == padded.count + overhead)
        let count = padded.count
        unsafe box.withCBytes { target in
            unsafe padded.withCBytes { source in
                // `box` was checked to be as long as `sealing` needs.
                unsafe sealing(source, count, associatedData, key, nonceKey, target)
            }
        }
    }

    /// Turns `box` into the box that holds the bytes between its first 24 and its last 16; those may be anything.
    ///
    /// Saves a copy of what is large: it is written where it will be sealed (see ``contentRange(ofBoxCount:)``).
    package static func sealInPlace<Key: BoxKey & ~Copyable>(
        _ box: inout MutableSpan<UInt8>, associatedData: borrowing Span<UInt8>,
        key: borrowing Key, nonceKey: borrowing NonceKey
    ) {
        precondition(box.count >= overhead)
        let count = box.count - overhead
        unsafe box.withCBytes { target in
            // The plaintext lies between nonce and tag, `count` bytes long; it is encrypted in place.
            unsafe sealing(target + XChaCha20Poly1305.nonceCount, count, associatedData, key, nonceKey, target)
        }
    }

    /// Opens `box` into `plaintext`, which is ``overhead`` bytes shorter.
    ///
    /// When it throws, `plaintext` holds nothing of the content.
    package static func open<Key: BoxKey & ~Copyable>(
        _ box: borrowing Span<UInt8>, associatedData: borrowing Span<UInt8>,
        key: borrowing Key, nonceKey: borrowing NonceKey, into plaintext: inout MutableSpan<UInt8>
    ) throws(SealedBoxError) {
        guard box.count >= overhead else { throw .tooShort }
        precondition(plaintext.count == box.count - overhead)
        let count = plaintext.count
        let failure = unsafe plaintext.withCBytes { target in
            unsafe box.withCBytes { source in
                // `plaintext` was checked to be as long as `opening` needs.
                unsafe opening(source, count, associatedData, key, nonceKey, target)
            }
        }
        if let failure { throw failure }
    }

    /// Opens `box` where it lies and returns the range of the plaintext in it.
    ///
    /// When it throws, the box is of no use any more and holds nothing of the content.
    package static func openInPlace<Key: BoxKey & ~Copyable>(
        _ box: inout MutableSpan<UInt8>, associatedData: borrowing Span<UInt8>,
        key: borrowing Key, nonceKey: borrowing NonceKey
    ) throws(SealedBoxError) -> Range<Int> {
        guard box.count >= overhead else { throw .tooShort }
        let range = contentRange(ofBoxCount: box.count)
        let failure = unsafe box.withCBytes { start in
            // The plaintext takes the place of the ciphertext, between nonce and tag.
            unsafe opening(start, range.count, associatedData, key, nonceKey, start + range.lowerBound)
        }
        if let failure { throw failure }
        return range
    }

    /// Where the content of a box of `boxCount` bytes (at least ``overhead``) lies.
    package static func contentRange(ofBoxCount boxCount: Int) -> Range<Int> {
        precondition(boxCount >= overhead)
        return XChaCha20Poly1305.nonceCount..<boxCount - XChaCha20Poly1305.tagCount
    }

    /// Seals `count` bytes at `plaintext` into the `count` + 40 bytes at `box`, between whose nonce and tag the
    /// plaintext may lie.
    private static func sealing<Key: BoxKey & ~Copyable>(
        _ plaintext: UnsafePointer<UInt8>, _ count: Int, _ associatedData: borrowing Span<UInt8>,
        _ key: borrowing Key, _ nonceKey: borrowing NonceKey, _ box: UnsafeMutablePointer<UInt8>
    ) {
        // The first 24 bytes of the box are the nonce's.
        unsafe deriveNonce(plaintext, count, associatedData, nonceKey, box)
        unsafe XChaCha20Poly1305.seal(
            plaintext, count: count, nonce: box, associatedData: associatedData, key: key.bytes.span,
            into: box + XChaCha20Poly1305.nonceCount)
    }

    /// Opens the `count` + 40 bytes at `box` into `count` bytes at `plaintext`, which may be the ciphertext's place.
    private static func opening<Key: BoxKey & ~Copyable>(
        _ box: UnsafePointer<UInt8>, _ count: Int, _ associatedData: borrowing Span<UInt8>,
        _ key: borrowing Key, _ nonceKey: borrowing NonceKey, _ plaintext: UnsafeMutablePointer<UInt8>
    ) -> SealedBoxError? {
        // The first 24 bytes of the box are the nonce, the rest is ciphertext and tag.
        let isAuthentic = unsafe XChaCha20Poly1305.open(
            box + XChaCha20Poly1305.nonceCount, count: count + XChaCha20Poly1305.tagCount, nonce: box,
            associatedData: associatedData, key: key.bytes.span, into: plaintext)
        guard isAuthentic else { return .authenticationFailed }
        return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: XChaCha20Poly1305.nonceCount) { nonce in
            // Both addresses have the 24 bytes of a nonce.
            guard let expected = nonce.baseAddress else { return .nonceMismatch }
            unsafe deriveNonce(plaintext, count, associatedData, nonceKey, expected)
            guard unsafe sodium_memcmp(expected, box, XChaCha20Poly1305.nonceCount) == 0 else {
                unsafe sodium_memzero(plaintext, count)
                return .nonceMismatch
            }
            return nil
        }
    }

    /// Writes the nonce for `count` bytes at `plaintext` to the 24 bytes at `nonce`.
    private static func deriveNonce(
        _ plaintext: UnsafePointer<UInt8>, _ count: Int, _ associatedData: borrowing Span<UInt8>,
        _ nonceKey: borrowing NonceKey, _ nonce: UnsafeMutablePointer<UInt8>
    ) {
        var hasher = BLAKE2bHasher(key: nonceKey.bytes.span, count: XChaCha20Poly1305.nonceCount)
        hasher.update(bigEndian: UInt64(associatedData.count))
        hasher.update(associatedData)
        unsafe hasher.update(plaintext, count)
        unsafe hasher.finish(into: nonce)
    }
}
