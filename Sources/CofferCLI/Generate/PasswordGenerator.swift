/// Makes passwords and passphrases that nobody can guess, every allowed one as likely as any other.
package import CofferCrypto
package import CofferMemory
import Glibc

/// What a new password looks like.
package enum PasswordRecipe: Equatable, Sendable {
    /// Letters, digits and, if wanted, symbols.
    case characters(length: Int, symbols: Bool)
    /// Words of the EFF large list, joined with hyphens.
    case words(Int)

    package static let standard = characters(length: 24, symbols: true)

    /// 8 is what sites ask for at the least; 1,024 is the longest master password.
    package static let lengthRange = 8...1024
    /// Four words resist a guesser who must ask a site; forty-eight fit any limit.
    package static let wordsRange = 4...48

    package var isValid: Bool {
        switch self {
        case .characters(let length, _): Self.lengthRange.contains(length)
        case .words(let count): Self.wordsRange.contains(count)
        }
    }
}

/// Draws passwords from a source of random bytes.
///
/// A password begins with a letter and has at least one lower-case letter, capital, digit and (if wanted) symbol. One
/// that lacks any is thrown away whole, so that all that remain stay equally likely; putting a missing kind in by hand
/// would make some likelier than others.
///
/// The symbols are `+ - . = _`. None means anything to a shell inside a word, to YAML or JSON inside a value, to CSV,
/// or
/// in the user part of a URL, and sites that demand a symbol take them; with a letter in front the password is never
/// taken for an option, a number or YAML syntax either.
package enum PasswordGenerator {
    private static let letters: StaticString = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    private static let alphanumerics: StaticString = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    private static let characters: StaticString = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.=_"

    /// A new password; nil when the recipe is outside its ranges.
    package static func make(_ recipe: PasswordRecipe, random: some RandomSource) -> SecretBytes? {
        guard recipe.isValid else { return nil }
        switch recipe {
        case .characters(let length, let symbols):
            while true {
                let password = draw(length, symbols, random)
                if hasEveryKind(password, symbols) { return password }
            }
        case .words(let count):
            var phrase = SecretBuilder(capacity: count * 10)
            for position in 0..<count {
                if position > 0 { phrase.append(UInt8(ascii: "-")) }
                WordList.append(wordAt: Int(random.makeUniform(below: UInt32(WordList.count))), to: &phrase)
            }
            return phrase.finish()
        }
    }

    private static func draw(_ length: Int, _ symbols: Bool, _ random: some RandomSource) -> SecretBytes {
        var password = SecretBuilder(capacity: length)
        password.append(letter(of: letters, random))
        for _ in 1..<length { password.append(letter(of: symbols ? characters : alphanumerics, random)) }
        return password.finish()
    }

    private static func letter(of alphabet: StaticString, _ random: some RandomSource) -> UInt8 {
        let index = Int(random.makeUniform(below: UInt32(alphabet.utf8CodeUnitCount)))
        // The index is below the number of bytes of the text, which is in the program itself.
        return unsafe alphabet.utf8Start[index]
    }

    private static func hasEveryKind(_ secret: borrowing SecretBytes, _ symbols: Bool) -> Bool {
        let password = secret.span
        var (lower, upper, digit, symbol) = (false, false, false, false)
        for index in 0..<password.count {
            switch password[index] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): lower = true
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): upper = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = true
            default: symbol = true
            }
        }
        return lower && upper && digit && (symbol || !symbols)
    }

    // MARK: Strength

    /// The base-2 logarithm of how many passwords the recipe can make; 0 when it is outside its ranges.
    package static func entropyBits(_ recipe: PasswordRecipe) -> Double {
        guard recipe.isValid else { return 0 }
        switch recipe {
        case .words(let count): return Double(count) * log2(Double(WordList.count))
        case .characters(let length, let symbols):
            let count = Double(symbols ? characters.utf8CodeUnitCount : alphanumerics.utf8CodeUnitCount)
            let all = log2(52) + Double(length - 1) * log2(count)
            return all + log2(shareWithEveryKind(length, symbols, count))
        }
    }

    /// Which share of all drawn passwords has every kind, by inclusion and exclusion over the kinds that are lacking.
    private static func shareWithEveryKind(_ length: Int, _ symbols: Bool, _ count: Double) -> Double {
        let kinds: [Double] = symbols ? [26, 26, 10, 5] : [26, 26, 10]
        var share = 0.0
        for lacking in 0..<(1 << kinds.count) {
            var left = count
            var firstLeft = 52.0
            for (index, size) in kinds.enumerated() where lacking >> index & 1 == 1 {
                left -= size
                if index < 2 { firstLeft -= size }
            }
            let sign = lacking.nonzeroBitCount % 2 == 0 ? 1.0 : -1.0
            share += sign * firstLeft / 52 * pow(left / count, Double(length - 1))
        }
        return share
    }
}
