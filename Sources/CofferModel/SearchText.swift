/// Finds text without regard to case, by bytes where it is ASCII.
import CofferMemory

/// A text to look for.
package struct SearchText: Sendable {
    private let folded: [UInt8]
    private let isASCII: Bool

    package init(_ text: String) {
        let bytes = Array(text.utf8)
        folded =
            bytes.contains { $0 >= 0x80 } ? UnicodeText.foldedPlain(bytes) ?? bytes : bytes.map(Self.lowercased)
        // Asked of the folded text: the Kelvin sign is looked for as the letter k.
        isASCII = !folded.contains { $0 >= 0x80 }
    }

    package var isEmpty: Bool { folded.isEmpty }

    /// Whether `range` of `bytes` holds the text, whatever its case.
    package func isFound(in bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !CofferMemory.isASCII(bytes.extracting(range)) else {
            // Text outside ASCII can fold to ASCII (the Kelvin sign), but never the other way round.
            return isASCII && contains(bytes, range)
        }
        guard let text = UnicodeText.folded(bytes.extracting(range)) else { return false }
        return contains(text.span, 0..<text.count)
    }

    private func contains(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !folded.isEmpty else { return true }
        guard range.count >= folded.count else { return false }
        let first = folded[0]
        var start = range.lowerBound
        let last = range.upperBound - folded.count
        while start <= last {
            if Self.lowercased(bytes[start]) == first && matches(bytes, start) { return true }
            start += 1
        }
        return false
    }

    private func matches(_ bytes: borrowing Span<UInt8>, _ start: Int) -> Bool {
        for offset in 1..<max(folded.count, 1) where Self.lowercased(bytes[start + offset]) != folded[offset] {
            return false
        }
        return true
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte + 32 : byte }
}
