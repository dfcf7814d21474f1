/// Secret bytes that grow while they are read or written: typed passwords, pasted codes, JSON with revealed values.

/// Collects secret bytes in locked memory; every buffer it outgrows is wiped.
///
/// Growing copies, so callers that know the length pass it as `capacity`.
package struct SecretBuilder: ~Copyable {
    private var storage: SecretBytes
    /// The number of bytes collected so far.
    package private(set) var count = 0

    package init(capacity: Int = 4096) { storage = SecretBytes(zeroed: max(capacity, 16)) }

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

    package mutating func append(_ slice: SecretSlice) { append(slice.span) }

    /// Appends text that is not secret: labels, punctuation, titles.
    package mutating func append(_ text: String) {
        for byte in text.utf8 { append(byte) }
    }

    /// Forgets the bytes from `count` on, and wipes them.
    package mutating func truncate(to newCount: Int) {
        precondition(newCount >= 0 && newCount <= count)
        let range = newCount..<count
        var target = storage.mutableSpan
        for index in range { target[index] = 0 }
        count = newCount
    }

    /// The collected bytes in a buffer of exactly their length.
    package consuming func finish() -> SecretBytes { SecretBytes(copying: span) }

    private mutating func reserve(_ additional: Int) {
        guard additional > storage.count - count else { return }
        var larger = SecretBytes(zeroed: max(storage.count * 2, count + additional))
        larger.write(span, at: 0)
        storage = larger
    }
}
