/// Ordinary memory that is wiped: for overviews, which are private and not secret.
import CSodium
import Glibc

/// Bytes that are wiped before their memory is given back, without guard pages or locking.
@safe package struct PrivateBytes: ~Copyable, @unchecked Sendable {
    private let base: UnsafeMutablePointer<UInt8>
    /// The number of bytes.
    package let count: Int

    /// Makes `count` bytes of zero.
    package init(zeroed count: Int) {
        precondition(count >= 0)
        guard let raw = unsafe calloc(max(count, 1), 1) else { abort() }
        unsafe base = raw.bindMemory(to: UInt8.self, capacity: max(count, 1))
        self.count = count
        if count >= Self.populatedCountMinimum {
            unsafe Self.populate(UnsafeMutableRawBufferPointer(start: raw, count: count))
        }
    }

    /// Below this, in bytes, a call costs more than the page faults that it saves.
    private static let populatedCountMinimum = 64 * 1024

    /// Has the kernel give all pages in one go: they will be filled from end to end, with a page fault each otherwise.
    private static func populate(_ bytes: UnsafeMutableRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        let pageCount = sysconf(Int32(_SC_PAGESIZE))
        let start = unsafe base.alignedUp(toMultipleOf: pageCount)
        let end = unsafe (base + bytes.count).alignedDown(toMultipleOf: pageCount)
        // Whole pages inside the buffer. Kernels before 5.14 refuse, and the pages come one by one.
        if unsafe start < end { unsafe _ = madvise(start, end - start, MADV_POPULATE_WRITE) }
    }

    deinit {
        unsafe sodium_memzero(base, count)
        unsafe free(base)
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
}
