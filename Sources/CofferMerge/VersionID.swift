/// The name of a version (docs/format.md, "Versions").

/// Twelve bytes, compared as bytes; kept in two integers so that sets of them cost no allocations.
public struct VersionID: Hashable, Comparable, Sendable {
    /// The number of bytes.
    public static let byteCount = 12

    @usableFromInline let high: UInt64
    @usableFromInline let low: UInt32

    /// Takes exactly twelve bytes; nil for any other count.
    @inlinable public init?(_ bytes: borrowing Span<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var high: UInt64 = 0
        var low: UInt32 = 0
        for index in 0..<8 { high = high << 8 | UInt64(bytes[index]) }
        for index in 8..<12 { low = low << 8 | UInt32(bytes[index]) }
        self.high = high
        self.low = low
    }

    /// The twelve bytes in order.
    @inlinable public var bytes: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: high >> (56 - 8 * UInt64($0))) }
            + (0..<4).map { UInt8(truncatingIfNeeded: low >> (24 - 8 * UInt32($0))) }
    }

    /// Whether the bytes of `left` come before those of `right`.
    @inlinable public static func < (left: VersionID, right: VersionID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
