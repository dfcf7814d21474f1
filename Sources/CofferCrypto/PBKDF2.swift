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
        case .sha1:
            derive(SHA1.self, password, salt, iterations, outputCount) { iteratePlainly(&$0, $1, into: &$2) }
        case .sha256:
            derive(SHA256.self, password, salt, iterations, outputCount) { iterateQuickly(&$0, $1, into: &$2) }
        case .sha512:
            derive(SHA512.self, password, salt, iterations, outputCount) { iterateQuickly(&$0, $1, into: &$2) }
        }
    }

    /// Derives block after block: `iterate` applies the HMAC so many times more, first to the bytes it is given, then
    /// to each result, and adds every result to them.
    private static func derive<Hash: SHAFunction>(
        _: Hash.Type, _ password: borrowing Span<UInt8>, _ salt: borrowing Span<UInt8>,
        _ iterations: Int, _ outputCount: Int,
        iterate: (inout HMACKey<Hash>, Int, inout MutableSpan<UInt8>) -> Void
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
            iterate(&states, iterations - 1, &sum)
            // The vectors that the loop works on are spilled where nothing else may come for long.
            StackWipe.wipe(count: 2 * StackWipe.usualCount)
            output.write(part.span.extracting(first: min(Hash.outputCount, outputCount - offset)), at: offset)
        }
        return output
    }

    /// The fast way. Words are moved a whole vector at a time: the compression function loads 16 bytes at once, and a
    /// load that spans several smaller stores has to wait for them.
    ///
    /// Never inlined, so that its frame lies where the caller wipes.
    @inline(never)
    private static func iterateQuickly<Hash: SHA2Function>(
        _ states: inout HMACKey<Hash>, _ rounds: Int, into sum: inout MutableSpan<UInt8>
    ) {
        unsafe sum.withCBytes { sumBytes in
            unsafe states.withParts { parts in
                // The chaining value, the first thing in a context, is one `Words`; so is a hash value, and a block,
                // which has room for two.
                let inner = unsafe UnsafeRawPointer(parts.inner).loadUnaligned(as: Hash.Words.self)
                let outer = unsafe UnsafeRawPointer(parts.outer).loadUnaligned(as: Hash.Words.self)
                let work = unsafe UnsafeMutableRawPointer(parts.work)
                let block = unsafe UnsafeMutableRawPointer(parts.block)
                let total = UnsafeMutableRawPointer(sumBytes)
                unsafe preparePadding(Hash.self, parts.block)
                var message = unsafe total.loadUnaligned(as: Hash.Words.self)
                var added = message
                for _ in 0..<rounds {
                    unsafe work.storeBytes(of: inner, as: Hash.Words.self)
                    unsafe block.storeBytes(of: message, as: Hash.Words.self)
                    unsafe Hash.transform(parts.work, parts.block)
                    message = unsafe Hash.byteSwapped(work.loadUnaligned(as: Hash.Words.self))
                    unsafe work.storeBytes(of: outer, as: Hash.Words.self)
                    unsafe block.storeBytes(of: message, as: Hash.Words.self)
                    unsafe Hash.transform(parts.work, parts.block)
                    message = unsafe Hash.byteSwapped(work.loadUnaligned(as: Hash.Words.self))
                    added ^= message
                }
                unsafe total.storeBytes(of: added, as: Hash.Words.self)
                unsafe parts.block.update(repeating: 0, count: Hash.blockCount)
            }
        }
    }

    /// The plain way, for SHA-1, which no key of a vault depends on.
    private static func iteratePlainly<Hash: SHAFunction>(
        _ states: inout HMACKey<Hash>, _ rounds: Int, into sum: inout MutableSpan<UInt8>
    ) {
        var result = SecretBytes(zeroed: Hash.outputCount)
        result.write(sum.span, at: 0)
        for _ in 0..<rounds {
            states.start()
            states.update(result.span)
            var target = result.mutableSpan
            states.finish(into: &target)
            for index in sum.indices { sum[index] ^= target[index] }
        }
    }

    /// Fills in what follows a hash value that is hashed after one block of padded key (FIPS 180-4, section 5.1).
    private static func preparePadding<Hash: SHAFunction>(_: Hash.Type, _ block: UnsafeMutablePointer<UInt8>) {
        let bitCount = (Hash.blockCount + Hash.outputCount) * 8
        // `block` has room for `blockCount` bytes.
        for index in Hash.outputCount..<Hash.blockCount { unsafe block[index] = 0 }
        unsafe block[Hash.outputCount] = 0x80
        unsafe block[Hash.blockCount - 2] = UInt8(bitCount >> 8)
        unsafe block[Hash.blockCount - 1] = UInt8(bitCount & 0xFF)
    }
}
