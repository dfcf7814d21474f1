/// Finds the backup code that somebody typed.
import CofferMemory
import CofferModel
import CofferVault

struct BackupCodeMatch {
    private let codes: [BackupCode]

    init(_ codes: BackupCodes) { self.codes = codes.active.flatMap(\.codes) }

    /// The code that `typed` is exactly, else the only one that it is without regard to case, spaces and hyphens.
    func code(_ typed: SecretSlice, of title: String) throws(VaultError) -> BackupCode {
        if let code = codes.first(where: { $0.text == typed }) { return code }
        let wanted = Self.folded(typed)
        let near = codes.filter { Self.folded($0.text) == wanted }
        guard wanted.count > 0, near.count == 1 else {
            throw .notInEntry(what: "such backup code", title: title)
        }
        return near[0]
    }

    private static func folded(_ slice: SecretSlice) -> SecretSlice {
        var folded = SecretBuilder(capacity: slice.count)
        let text = slice.span
        for index in text.indices {
            switch text[index] {
            case 0...UInt8(ascii: " "), UInt8(ascii: "-"): continue
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): folded.append(text[index] | 0x20)
            default: folded.append(text[index])
            }
        }
        return SecretSlice(folded.finish())
    }
}
