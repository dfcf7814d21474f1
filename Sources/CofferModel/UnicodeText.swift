/// Composing and case folding of text, in our own buffers (Unicode NFC, by utf8proc).
import CUnicode
package import CofferMemory

package enum UnicodeText {
    /// The text in NFC, in locked memory only; nil when `bytes` are not valid UTF-8.
    package static func composed(_ bytes: borrowing Span<UInt8>) -> SecretBytes? {
        map(bytes, UTF8PROC_STABLE.rawValue | UTF8PROC_COMPOSE.rawValue)
    }

    /// The text without differences of case, for searching; nil when `bytes` are not valid UTF-8.
    package static func folded(_ bytes: borrowing Span<UInt8>) -> SecretBytes? {
        map(bytes, UTF8PROC_STABLE.rawValue | UTF8PROC_COMPOSE.rawValue | UTF8PROC_CASEFOLD.rawValue)
    }

    /// Text without differences of case, as ordinary bytes: for what is private and not secret.
    package static func foldedPlain(_ bytes: [UInt8]) -> [UInt8]? {
        guard let folded = folded(bytes.span) else { return nil }
        return Array(SecretSlice(folded).plainText.utf8)
    }

    /// A title, user name, URL or tag in NFC: the same name however it was typed.
    package static func composed(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.contains(where: { $0 >= 0x80 }), let composed = composed(bytes.span) else { return text }
        return SecretSlice(composed).plainText
    }

    private static func map(_ bytes: borrowing Span<UInt8>, _ flags: UInt32) -> SecretBytes? {
        let options = utf8proc_option_t(flags)
        guard !bytes.isEmpty else { return SecretBytes(zeroed: 0) }
        // No character decomposes into more than 18 code points of four bytes; one more holds the ending zero.
        var buffer = SecretBytes(zeroed: (bytes.count * 18 + 1) * 4)
        var target = buffer.mutableSpan
        let count = unsafe bytes.withUnsafeBytes { source in
            unsafe target.withUnsafeMutableBytes { destination -> Int? in
                // Both buffers are passed with their lengths, counted in bytes and in code points. Secret memory of
                // more
                // than a pool's slot ends with a page, and a slot starts at a multiple of 256: four divides both
                // starts.
                let room = destination.count / 4 - 1
                guard let points = unsafe destination.baseAddress?.bindMemory(to: Int32.self, capacity: room + 1),
                    let text = unsafe source.baseAddress?.assumingMemoryBound(to: UInt8.self)
                else { return nil }
                let decomposed = unsafe utf8proc_decompose(text, source.count, points, room, options)
                guard decomposed >= 0, decomposed <= room else { return nil }
                let encoded = unsafe utf8proc_reencode(points, decomposed, options)
                return encoded >= 0 ? encoded : nil
            }
        }
        guard let count else { return nil }
        return buffer.prefix(count)
    }
}
