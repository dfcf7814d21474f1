/// Password-based key derivation with HMAC (RFC 8018, section 5.2), on a loop of our own.
///
/// Every iteration of the textbook form hashes four blocks. Here the two states of the key are kept, so that
/// an iteration is two calls of the hash's compression function on a block whose padding never changes.
/// docs/decisions/0002 tells why that is worth it: it is the attacker's cost for the same wait.
package import CofferMemory

package enum PBKDF2 {
    /// The key of `outputCount` bytes for `password` and `salt`.
    ///
    /// - Parameter iterations: at least 1; ``KDFLimits`` says what a vault may ask for, and the caller has checked it.
    package static func derive(
        _ algorithm: HashAlgorithm, password: borrowing Span<UInt8>, salt: borrowing Span<UInt8>,
        iterations: Int, outputCount: Int
    ) -> SecretBytes {
        switch algorithm {
        case .sha1: derive(SHA1.self, password, salt, iterations, outputCount)
        case .sha256: derive(SHA256.self, password, salt, iterations, outputCount)
        case .sha512: derive(SHA512.self, password, salt, iterations, outputCount)
        }
    }

    private static func derive<Hash: SHAFunction>(
        _: Hash.Type, _ password: borrowing Span<UInt8>, _ salt: borrowing Span<UInt8>,
        _ iterations: Int, _ outputCount: Int
    ) -> SecretBytes {
        precondition(iterations >= 1 && outputCount >= 0)
        var states = HMACKey<Hash>(password)
        var output = SecretBytes(zeroed: outputCount)
        var part = SecretBytes(zeroed: Hash.outputCount)
        var blockNumber: UInt32 = 0
        for offset in stride(from: 0, to: outputCount, by: Hash.outputCount) {
            blockNumber += 1
            states.start()
            states.update(salt)
            states.update(bigEndian: blockNumber)
            var sum = part.mutableSpan
            states.finish(into: &sum)
            iterate(&states, iterations - 1, into: &sum)
            output.write(part.span.extracting(first: min(Hash.outputCount, outputCount - offset)), at: offset)
        }
        return output
    }

    /// Applies the HMAC `rounds` times, first to `sum`, then to each result, and adds every result to `sum`.
    private static func iterate<Hash: SHAFunction>(
        _ states: inout HMACKey<Hash>, _ rounds: Int, into sum: inout MutableSpan<UInt8>
    ) {
        unsafe sum.withCBytes { sumBytes in
            unsafe states.withParts { parts in
                // The chaining value is the first thing in a context, `wordCount` words long; `block` has room
                // for `blockCount` bytes and is aligned to more than a word, `sumBytes` (a whole hash value at
                // the end of a page of secret memory) is as well.
                let inner = unsafe words(Hash.self, parts.inner)
                let outer = unsafe words(Hash.self, parts.outer)
                let work = unsafe words(Hash.self, parts.work)
                let block = unsafe words(Hash.self, parts.block)
                let total = unsafe words(Hash.self, sumBytes)
                unsafe preparePadding(Hash.self, parts.block)
                for index in 0..<Hash.wordCount {
                    unsafe block[index] = total[index]
                    unsafe total[index] = Hash.Word(bigEndian: total[index])
                }
                for _ in 0..<rounds {
                    for index in 0..<Hash.wordCount { unsafe work[index] = inner[index] }
                    unsafe Hash.transform(parts.work, parts.block)
                    for index in 0..<Hash.wordCount {
                        unsafe block[index] = work[index].bigEndian
                        unsafe work[index] = outer[index]
                    }
                    unsafe Hash.transform(parts.work, parts.block)
                    for index in 0..<Hash.wordCount {
                        let word = unsafe work[index]
                        unsafe block[index] = word.bigEndian
                        unsafe total[index] ^= word
                    }
                }
                for index in 0..<Hash.wordCount { unsafe total[index] = total[index].bigEndian }
                unsafe parts.block.update(repeating: 0, count: Hash.blockCount)
            }
        }
    }

    /// Fills in what follows a hash value that is hashed after one block of padded key (FIPS 180-4, section 5.1).
    private static func preparePadding<Hash: SHAFunction>(_: Hash.Type, _ block: UnsafeMutablePointer<UInt8>) {
        let bitCount = (Hash.blockCount + Hash.outputCount) * 8
        for index in Hash.outputCount..<Hash.blockCount { unsafe block[index] = 0 }
        unsafe block[Hash.outputCount] = 0x80
        unsafe block[Hash.blockCount - 2] = UInt8(bitCount >> 8)
        unsafe block[Hash.blockCount - 1] = UInt8(bitCount & 0xFF)
    }

    private static func words<Hash: SHAFunction>(
        _: Hash.Type, _ memory: UnsafeMutableRawPointer
    ) -> UnsafeMutablePointer<Hash.Word> {
        unsafe memory.assumingMemoryBound(to: Hash.Word.self)
    }
}
