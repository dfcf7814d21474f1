/// A fixed-size buffer for secret bytes that never leave it by accident (docs/threat-model.md, "Memory").
import CSodium

/// Secret bytes in guarded memory: between inaccessible pages, alone or with other short ones (``SecretPool``), locked
/// against swapping up to 64 KiB, kept out of core dumps, and wiped before the memory is given back.
///
/// Noncopyable: a secret has one owner, moves by `consuming`, and is lent as a `Span`.
/// A failed mlock is not an error, because a vault must open on a machine that allows no locking;
/// it is noticed and can be reported (``MemoryLock``).
@safe package struct SecretBytes: ~Copyable, @unchecked Sendable {
    /// Values larger than this are wiped and guarded, not locked: RLIMIT_MEMLOCK is small on many machines.
    package static let lockedCountMaximum = 64 * 1024

    /// The first byte. Only this module may touch it.
    let base: UnsafeMutablePointer<UInt8>
    /// The number of bytes.
    package let count: Int

    /// Makes `count` zero bytes.
    ///
    /// Ends the process when there is no memory left: nothing sensible can go on without it, and no caller could.
    package init(zeroed count: Int) {
        precondition(count >= 0)
        self.count = count
        if let pool = SecretPool.pool(for: count) {
            unsafe base = pool.take()
        } else {
            unsafe base = SodiumLibrary.allocate(count)
        }
    }

    /// Makes a copy of `bytes`.
    package init(copying bytes: borrowing Span<UInt8>) {
        self.init(zeroed: bytes.count)
        write(bytes, at: 0)
    }

    /// Makes a copy of ordinary bytes: for constants and tests, never for a secret that was a `String`.
    package init(copying bytes: [UInt8]) {
        self.init(zeroed: bytes.count)
        for index in 0..<bytes.count { unsafe base[index] = bytes[index] }
    }

    deinit {
        if let pool = SecretPool.pool(for: count) {
            unsafe pool.giveBack(base)
        } else {
            // sodium_free wipes the whole region, and ends the process if a guard byte was overwritten.
            unsafe sodium_free(base)
        }
    }

    /// The bytes, lent for reading.
    package var span: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let span = unsafe Span(_unsafeStart: base, count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// The bytes, lent for writing.
    package var mutableSpan: MutableSpan<UInt8> {
        @_lifetime(&self)
        mutating get {
            let span = unsafe MutableSpan(_unsafeStart: base, count: count)
            return unsafe _overrideLifetime(span, mutating: &self)
        }
    }

    /// Copies `bytes` into this buffer from `offset` on; they must fit.
    package mutating func write(_ bytes: borrowing Span<UInt8>, at offset: Int) {
        precondition(offset >= 0 && offset <= count - bytes.count)
        unsafe bytes.withUnsafeBytes { source in
            // The range was checked above; an empty source may have no address.
            guard let start = source.baseAddress else { return }
            unsafe (base + offset).update(from: start.assumingMemoryBound(to: UInt8.self), count: source.count)
        }
    }

    /// A new buffer with only the first `count` bytes; this one is wiped.
    package consuming func prefix(_ count: Int) -> SecretBytes {
        SecretBytes(copying: span.extracting(first: count))
    }
}
