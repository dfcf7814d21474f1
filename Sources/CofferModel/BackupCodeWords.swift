/// The few words around backup codes that mean something, in the languages of their readers.
import CofferMemory

enum BackupCodeWords {
    /// Beginnings of words for "used".
    private static let used: [[UInt32]] = stems([
        "used", "spent", "redeemed", "consumed", "использ", "исп.", "потрач", "примен", "викорис", "benutzt",
        "verwendet", "verbraucht", "utilis", "usado", "usada", "utiliz", "usato", "użyt", "wykorzyst", "gebruikt",
        "kullanıl", "使用済", "已使用",
    ])
    /// Beginnings of words that turn the meaning round; "unused" and its like begin otherwise anyhow.
    private static let negations: [[UInt32]] = stems([
        "not", "never", "no", "non", "false", "не", "нет", "ні", "nicht", "nie", "pas", "niet",
    ])
    /// Parts of words for "code" and "key".
    private static let codes: [[UInt32]] = stems([
        "code", "códig", "codic", "kod", "код", "key", "ключ", "コード", "代码", "码",
    ])

    static func saysUsed(_ text: borrowing Span<UInt8>, _ word: BackupCodeToken) -> Bool {
        used.contains { begins(text, word.range, with: $0) }
    }

    static func negates(_ text: borrowing Span<UInt8>, _ word: BackupCodeToken) -> Bool {
        negations.contains { begins(text, word.range, with: $0, isWhole: true) }
    }

    static func saysCode(_ text: borrowing Span<UInt8>, _ word: BackupCodeToken) -> Bool {
        codes.contains { stem in
            var start = word.range.lowerBound
            while start < word.range.upperBound {
                if begins(text, start..<word.range.upperBound, with: stem) { return true }
                start += BackupCodeScanner.scalar(text, at: start).count
            }
            return false
        }
    }

    private static func stems(_ words: [String]) -> [[UInt32]] { words.map { $0.unicodeScalars.map(\.value) } }

    private static func begins(
        _ text: borrowing Span<UInt8>, _ range: Range<Int>, with stem: [UInt32], isWhole: Bool = false
    ) -> Bool {
        var index = range.lowerBound
        for expected in stem {
            // The scanner drops the point behind an abbreviation.
            if expected == 0x2E { return index == range.upperBound }
            guard index < range.upperBound else { return false }
            let (scalar, count) = BackupCodeScanner.scalar(text, at: index)
            guard lowerCase(scalar) == expected else { return false }
            index += count
        }
        return !isWhole || index == range.upperBound
    }

    /// Latin and Cyrillic capitals, without a table and without a string.
    private static func lowerCase(_ scalar: UInt32) -> UInt32 {
        switch scalar {
        case 0x41...0x5A, 0xC0...0xD6, 0xD8...0xDE, 0x410...0x42F: scalar + 0x20
        case 0x400...0x40F: scalar + 0x50
        case 0x17B: 0x17C
        default: scalar
        }
    }
}
