/// The name of an entry (docs/format.md, "Entry frame").

/// Sixteen random bytes, compared as bytes; kept in two integers so that 100,000 of them cost no allocations.
package struct EntryID: Hashable, Comparable, Sendable {
    /// The number of bytes.
    package static let byteCount = 16

    private let high: UInt64
    private let low: UInt64

    /// Takes exactly sixteen bytes; nil for any other count.
    package init?(_ bytes: borrowing Span<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for index in 0..<8 { high = high << 8 | UInt64(bytes[index]) }
        for index in 8..<16 { low = low << 8 | UInt64(bytes[index]) }
        self.high = high
        self.low = low
    }

    /// The sixteen bytes in order.
    package var bytes: [UInt8] {
        [high, low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * UInt64($0))) } }
    }

    package static func < (left: EntryID, right: EntryID) -> Bool { (left.high, left.low) < (right.high, right.low) }

    /// Thirty-two lower-case hexadecimal digits.
    package var hexadecimal: String { bytes.hexadecimal }
}

extension [UInt8] {
    /// Two lower-case hexadecimal digits a byte. For ids and hashes, never for a secret.
    package var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
