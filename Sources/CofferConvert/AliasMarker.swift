/// Aliases of YAML as ordinary texts, so that nobody but us puts them in.
import CofferExchange
import Yams

/// Keeps Yams from putting in aliases, which it does before anybody can count: a key that is a list of lists of
/// aliases is hashed in full while it reads.
///
/// Every asterisk of the file is given to Yams as a private character that the file does not have. A plain scalar that
/// begins with it was an alias; everywhere else it is an asterisk again.
struct AliasMarker {
    /// U+F800 to U+F83F; in UTF-8 they differ in the last byte alone.
    private static let candidates: UInt8 = 64

    private let number: UInt8
    private let scalar: Unicode.Scalar

    init(_ text: borrowing Span<UInt8>) throws(TextFailure) {
        var isUsed = [Bool](repeating: false, count: Int(Self.candidates))
        for index in 0..<max(text.count - 2, 0) {
            if text[index] == 0xEF && text[index + 1] == 0xA0 {
                isUsed[Int(text[index + 2] & 0x3F)] = true
            } else if index + 3 < text.count, let number = Self.escaped(text, at: index) {
                isUsed[number] = true
            }
        }
        guard let free = isUsed.firstIndex(of: false) else {
            throw TextFailure(line: 1, reason: .controlCharacter)
        }
        number = UInt8(free)
        scalar = Unicode.Scalar(UInt16(0xF800 + free)) ?? "\u{F800}"
    }

    /// The candidate that a double-quoted text may have as `\uF8..`.
    private static func escaped(_ text: borrowing Span<UInt8>, at index: Int) -> Int? {
        guard text[index] | 0x20 == UInt8(ascii: "f"), text[index + 1] == UInt8(ascii: "8") else { return nil }
        let digits = String(decoding: [text[index + 2], text[index + 3]], as: UTF8.self)
        guard let number = Int(digits, radix: 16), (0..<Int(candidates)).contains(number) else { return nil }
        return number
    }

    /// The text, valid UTF-8, with every asterisk replaced and without a byte order mark.
    func marked(_ text: borrowing Span<UInt8>) -> String {
        let hasMark = text.count >= 3 && text[0] == 0xEF && text[1] == 0xBB && text[2] == 0xBF
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        for index in (hasMark ? 3 : 0)..<text.count {
            if text[index] == UInt8(ascii: "*") {
                bytes += [0xEF, 0xA0, 0x80 + number]
            } else {
                bytes.append(text[index])
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The name of the anchor when the scalar was an alias.
    func alias(_ scalar: Node.Scalar) -> String? {
        guard scalar.style == .plain, scalar.string.unicodeScalars.first == self.scalar else { return nil }
        return String(String.UnicodeScalarView(scalar.string.unicodeScalars.dropFirst()))
    }

    func restored(_ text: String) -> String {
        guard text.unicodeScalars.contains(scalar) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == scalar ? "*" : $0 }))
    }
}
