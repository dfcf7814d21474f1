/// A fingerprint as eight words that people can read to each other (docs/sync.md, "The fingerprint").
import CofferFormat
import CofferMemory

enum FingerprintText {
    static let wordCount = 8

    /// Eight words of the list of 7,776, each from four of the 32 bytes: 103 bits, and as good as evenly spread.
    static func words(_ fingerprint: [UInt8]) -> String {
        var text = PrivateBuilder(capacity: 128)
        for word in 0..<wordCount {
            if word > 0 { text.append(UInt8(ascii: " ")) }
            let number = fingerprint.span.bigEndian(at: 4 * word, count: 4)
            WordList.append(wordAt: Int(number % UInt64(WordList.count)), to: &text)
        }
        return String(decoding: (0..<text.count).map { text.span[$0] }, as: UTF8.self)
    }
}
