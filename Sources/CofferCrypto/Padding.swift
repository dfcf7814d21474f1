/// Hides the exact length of content before it is sealed (docs/format.md, "Sealed box").
import Glibc

/// Padded content is its length (4 bytes, the most significant first), the content, and zeros up to a size from a
/// short list: powers of two from 256 bytes to 64 KiB, above that the sizes of Padmé (arXiv 1806.03160, section 4),
/// which give away O(log log n) bits of a length and cost at most 12 %.
package enum Padding {
    /// The size of the length prefix in bytes; the content starts right after it.
    package static let prefixCount = 4
    /// The smallest padded size in bytes.
    package static let paddedCountMinimum = 256
    /// The largest padded size in bytes: 4 GiB.
    package static let paddedCountMaximum = 1 << 32
    /// Up to this size, in bytes, sizes are powers of two.
    private static let powersOfTwoMaximum = 64 * 1024

    /// The padded size in bytes of content that has `contentCount` bytes; nil when that is negative or too large.
    package static func paddedCount(for contentCount: Int) -> Int? {
        guard contentCount >= 0, contentCount <= paddedCountMaximum - prefixCount else { return nil }
        let total = contentCount + prefixCount
        guard total > paddedCountMinimum else { return paddedCountMinimum }
        // The exponents of the highest power of two in `total`, and in that exponent.
        let exponent = floorLog2(total)
        let rounding =
            total <= powersOfTwoMaximum
            ? 1 << floorLog2(2 * total - 1)
            : 1 << (exponent - floorLog2(exponent) - 1)
        // `total` is at most 2³², so the sum cannot overflow, and 2³² is a multiple of any `rounding`.
        return (total + rounding - 1) / rounding * rounding
    }

    /// Writes the length prefix for `contentCount` bytes to the start of `padded`.
    ///
    /// `padded` has the size that ``paddedCount(for:)`` gives; the content goes right after the prefix, and what
    /// follows it must be zeros.
    package static func writePrefix(contentCount: Int, into padded: inout MutableSpan<UInt8>) {
        precondition(padded.count == paddedCount(for: contentCount))
        for index in 0..<prefixCount {
            padded[index] = UInt8(truncatingIfNeeded: contentCount >> (8 * (prefixCount - 1 - index)))
        }
    }

    /// Where in `padded` the content lies.
    ///
    /// Throws ``CryptoError/paddingInvalid`` unless `padded` is, byte for byte, what padding that content makes.
    package static func contentRange(in padded: borrowing Span<UInt8>) throws(CryptoError) -> Range<Int> {
        guard padded.count >= paddedCountMinimum else { throw .paddingInvalid }
        var contentCount = 0
        for index in 0..<prefixCount { contentCount = contentCount << 8 | Int(padded[index]) }
        // Equal sizes also mean that prefix and content lie inside.
        guard paddedCount(for: contentCount) == padded.count else { throw .paddingInvalid }
        let range = prefixCount..<prefixCount + contentCount
        guard isZero(padded.extracting(range.upperBound...)) else { throw .paddingInvalid }
        return range
    }

    /// Whether all bytes are zero: the first one is, and every other equals the one before it.
    private static func isZero(_ bytes: borrowing Span<UInt8>) -> Bool {
        guard !bytes.isEmpty else { return true }
        guard bytes[0] == 0 else { return false }
        let count = bytes.count
        // Compares `count` - 1 bytes from the first and from the second on: both ranges lie inside. Not in constant
        // time: what is compared has been authenticated, and its answer is known.
        return unsafe bytes.withCBytes { unsafe memcmp($0, $0 + 1, count - 1) == 0 }
    }

    private static func floorLog2(_ number: Int) -> Int { Int.bitWidth - 1 - number.leadingZeroBitCount }
}
