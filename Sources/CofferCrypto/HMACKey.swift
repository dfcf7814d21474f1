/// An HMAC key as the two hash states it leaves behind (RFC 2104, section 4).
import CofferMemory

/// The states after the inner and the outer padded key, and one state to work with, all in locked memory.
///
/// Hashing the padded key once serves every message under it: that halves the work of PBKDF2 and HKDF.
struct HMACKey<Hash: SHAFunction>: ~Copyable {
    /// Holds what ``Parts`` points at. The size keeps the start aligned: secret memory ends at the end of a page.
    private var memory = SecretBytes(zeroed: HMACKey.memoryCount)
    private static var memoryCount: Int { 4 * contextStride }
    private static var contextStride: Int { 256 }

    /// The places inside the memory of one key.
    @unsafe struct Parts {
        let inner: UnsafeMutablePointer<Hash.Context>
        let outer: UnsafeMutablePointer<Hash.Context>
        let work: UnsafeMutablePointer<Hash.Context>
        /// Room for a block of the hash.
        let block: UnsafeMutablePointer<UInt8>

        fileprivate init(_ start: UnsafeMutableRawPointer) {
            let stride = HMACKey.contextStride
            precondition(MemoryLayout<Hash.Context>.size <= stride && Hash.blockCount <= stride)
            // The memory has four strides, each part fits in its stride, and a stride keeps the alignment of the start.
            // The contexts are C structures without anything to initialise.
            unsafe inner = start.bindMemory(to: Hash.Context.self, capacity: 1)
            unsafe outer = (start + stride).bindMemory(to: Hash.Context.self, capacity: 1)
            unsafe work = (start + 2 * stride).bindMemory(to: Hash.Context.self, capacity: 1)
            unsafe block = (start + 3 * stride).bindMemory(to: UInt8.self, capacity: stride)
        }
    }

    /// Prepares the states for a key of any length; a key longer than a block is hashed first.
    init(_ key: borrowing Span<UInt8>) {
        let keyCount = key.count
        unsafe key.withCBytes { keyBytes in
            unsafe withParts { parts in
                // `block` has room for a block; the key, or its hash, is no longer than that.
                if keyCount > Hash.blockCount {
                    unsafe Hash.start(parts.work)
                    unsafe Hash.update(parts.work, keyBytes, keyCount)
                    unsafe Hash.finish(parts.work, parts.block)
                } else if keyCount > 0 {
                    unsafe parts.block.update(from: keyBytes, count: keyCount)
                }
                for index in 0..<Hash.blockCount { unsafe parts.block[index] ^= 0x36 }
                unsafe Hash.start(parts.inner)
                unsafe Hash.update(parts.inner, parts.block, Hash.blockCount)
                for index in 0..<Hash.blockCount { unsafe parts.block[index] ^= 0x36 ^ 0x5C }
                unsafe Hash.start(parts.outer)
                unsafe Hash.update(parts.outer, parts.block, Hash.blockCount)
                // The key itself is not needed any more.
                unsafe parts.block.update(repeating: 0, count: Hash.blockCount)
            }
        }
    }

    deinit { StackWipe.wipe() }

    /// Begins a message.
    mutating func start() {
        unsafe withParts { parts in unsafe parts.work.update(from: parts.inner, count: 1) }
    }

    /// Adds `bytes` to the message.
    mutating func update(_ bytes: borrowing Span<UInt8>) {
        let count = bytes.count
        unsafe bytes.withCBytes { start in
            // `start` is the address of `count` bytes.
            unsafe withParts { parts in unsafe Hash.update(parts.work, start, count) }
        }
    }

    /// Adds a number of four bytes, the most significant first.
    mutating func update(bigEndian number: UInt32) {
        update([UInt8(number >> 24), UInt8(number >> 16 & 0xFF), UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)])
    }

    /// Adds bytes that are not secret.
    mutating func update(_ bytes: [UInt8]) { update(bytes.span) }

    /// Ends the message and writes as much of the code as fits to `output`.
    mutating func finish(into output: inout MutableSpan<UInt8>) {
        let count = min(output.count, Hash.outputCount)
        unsafe output.withCBytes { target in
            unsafe withParts { parts in
                // `block` has room for a hash value, and `target` for `count` bytes of it.
                unsafe Hash.finish(parts.work, parts.block)
                unsafe parts.work.update(from: parts.outer, count: 1)
                unsafe Hash.update(parts.work, parts.block, Hash.outputCount)
                unsafe Hash.finish(parts.work, parts.block)
                if count > 0 { unsafe target.update(from: parts.block, count: count) }
            }
        }
    }

    /// Lends the states; the pointers are good until `body` returns.
    mutating func withParts(_ body: (Parts) -> Void) {
        var span = memory.mutableSpan
        // The memory holds `memoryCount` bytes, so it has an address.
        unsafe span.withUnsafeMutableBytes { buffer in unsafe body(Parts(buffer.baseAddress.unsafelyUnwrapped)) }
    }
}
