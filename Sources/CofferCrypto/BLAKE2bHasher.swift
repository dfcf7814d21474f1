/// Hashing of a message that comes in pieces (RFC 7693).
package import CofferMemory
import CSodium

/// A BLAKE2b computation under way. Its state holds the key and a part of the message: it is in locked memory, and
/// wiped when the computation ends.
@safe package struct BLAKE2bHasher: ~Copyable {
    private let workspace = SecretWorkspace.take()
    /// The size of the hash value in bytes.
    package let count: Int

    /// Begins a hash of `count` bytes (16 to 64) without a key.
    package init(count: Int) {
        let none: [UInt8] = []
        self.init(key: none.span, count: count)
    }

    /// Begins a keyed hash of `count` bytes (16 to 64); an empty key is no key. The key has at most 64 bytes.
    package init(key: borrowing Span<UInt8>, count: Int) {
        precondition(BLAKE2b.outputCounts.contains(count) && key.count <= BLAKE2b.keyCountMaximum)
        SodiumLibrary.start()
        let keyCount = key.count
        precondition(crypto_generichash_statebytes() <= SecretWorkspace.byteCount)
        self.count = count
        // A workspace has the size and alignment of a state; the key's address goes with its length.
        let status = unsafe key.withCBytes { unsafe crypto_generichash_init(state, $0, keyCount, count) }
        precondition(status == 0)
    }

    deinit {
        workspace.giveBack()
        StackWipe.wipe()
    }

    /// The state as the C functions take it: the workspace is its own as long as this value lives.
    private var state: OpaquePointer { unsafe OpaquePointer(workspace.start) }

    /// Adds `bytes` to the message.
    package mutating func update(_ bytes: borrowing Span<UInt8>) {
        let byteCount = bytes.count
        // `state` was initialised by `init`, and the address goes with its length.
        unsafe bytes.withCBytes { unsafe _ = crypto_generichash_update(state, $0, UInt64(byteCount)) }
    }

    /// Adds `byteCount` bytes at `bytes`.
    mutating func update(_ bytes: UnsafePointer<UInt8>, _ byteCount: Int) {
        unsafe _ = crypto_generichash_update(state, bytes, UInt64(byteCount))
    }

    /// Adds the characters of an ASCII label.
    mutating func update(_ label: StaticString) {
        // A label is a literal of more than one character, so it has an address that lives for ever.
        unsafe _ = crypto_generichash_update(state, label.utf8Start, UInt64(label.utf8CodeUnitCount))
    }

    /// Adds a number of eight bytes, the most significant first.
    mutating func update(bigEndian number: UInt64) {
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) }
        update(bytes.span)
    }

    /// The hash value, as bytes that are not secret.
    package consuming func finish() -> [UInt8] {
        var output = [UInt8](repeating: 0, count: count)
        var target = output.mutableSpan
        finish(into: &target)
        return output
    }

    /// The hash value, as a secret.
    package consuming func finishSecret() -> SecretBytes {
        var output = SecretBytes(zeroed: count)
        var target = output.mutableSpan
        finish(into: &target)
        return output
    }

    /// Whether the hash value is `expected`, which holds ``count`` bytes.
    consuming func finishesAs(_ expected: borrowing Span<UInt8>) -> Bool {
        precondition(expected.count == count)
        let byteCount = count
        return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: byteCount) { value in
            // Both addresses have `byteCount` bytes, and that is at least 16.
            guard let start = value.baseAddress else { return false }
            unsafe finish(into: start)
            return unsafe expected.withCBytes { unsafe sodium_memcmp(start, $0, byteCount) == 0 }
        }
    }

    /// Writes the hash value to `output`, which holds ``count`` bytes. Nothing may be added afterwards.
    mutating func finish(into output: inout MutableSpan<UInt8>) {
        precondition(output.count == count)
        // The length was checked.
        unsafe output.withCBytes { unsafe finish(into: $0) }
    }

    /// Writes the ``count`` bytes of the hash value to `output`. Nothing may be added afterwards.
    mutating func finish(into output: UnsafeMutablePointer<UInt8>) {
        // `count` is the length that `init` announced.
        unsafe _ = crypto_generichash_final(state, output, count)
    }
}
