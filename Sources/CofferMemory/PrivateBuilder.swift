/// Private bytes that grow while they are written: lists, tables and JSON without secrets.

/// Collects bytes in ordinary memory; every buffer it outgrows is wiped.
package struct PrivateBuilder: ~Copyable {
    private var storage: PrivateBytes
    /// The number of bytes collected so far.
    package private(set) var count = 0

    package init(capacity: Int = 4096) { storage = PrivateBytes(zeroed: max(capacity, 16)) }

    /// The bytes collected so far, lent for reading.
    package var span: Span<UInt8> {
        @_lifetime(borrow self)
        get { storage.span.extracting(first: count) }
    }

    package mutating func append(_ byte: UInt8) {
        reserve(1)
        let position = count
        var target = storage.mutableSpan
        target[position] = byte
        count = position + 1
    }

    package mutating func append(_ bytes: borrowing Span<UInt8>) {
        reserve(bytes.count)
        storage.write(bytes, at: count)
        count += bytes.count
    }

    @inline(__always) private mutating func reserve(_ additional: Int) {
        if additional > storage.count - count { grow(additional) }
    }

    private mutating func grow(_ additional: Int) {
        var larger = PrivateBytes(zeroed: max(storage.count * 2, count + additional))
        larger.write(span, at: 0)
        storage = larger
    }
}
