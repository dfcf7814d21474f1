/// What a master password is worth against somebody who has the vault file and guesses (docs/sync.md, "The key file").
import CofferFormat
import CofferMemory
import Glibc

/// An estimate that leans to the guesser: he tries words, years, runs and keyboard rows before single characters.
enum PasswordWorth {
    /// How many binary digits of guessing the password takes at the most: the cheapest way to put it together.
    static func bits(_ password: borrowing Span<UInt8>) -> Double {
        let count = password.count
        guard count > 0 else { return 0 }
        // The cost of everything before each position, by the cheapest pieces.
        var costs = [Double](repeating: .infinity, count: count + 1)
        costs[0] = 0
        for start in 0..<count {
            func reach(_ length: Int, _ cost: Double) {
                costs[start + length] = min(costs[start + length], costs[start] + cost)
            }
            reach(1, symbolBits(password[start]))
            for run in [repeatLength(password, start), stepLength(password, start), rowLength(password, start)]
            where run >= 3 {
                for length in 3...run { reach(length, symbolBits(password[start]) + 1 + log2(Double(length))) }
            }
            if isYear(password, start) { reach(4, yearBits) }
            forEachWord(in: commonWords) { word in
                if let extra = match(password, start, word) { reach(word.count, commonBits + extra) }
            }
            WordList.forEachWord { word in
                if let extra = match(password, start, word) { reach(word.count, listBits + extra) }
            }
        }
        return costs[count]
    }

    /// How long one modern GPU guesses, on average, in years.
    static func years(bits: Double, kdf: SlotKDF) -> Double {
        let guesses = exp2(bits - 1)
        return guesses / guessesPerSecond(kdf) / secondsPerYear
    }

    /// Below this, in years, a vault should not lie in a shared folder with its password alone: a thousand such machines
    /// take a thousandth of it.
    static let weakYears = 10_000.0

    private static let secondsPerYear = 31_557_600.0

    /// What one modern GPU does. PBKDF2: 3·10⁹ iterations a second with SHA-512, three times as many with SHA-256.
    /// Argon2id is bound by memory: each pass writes and reads it, at 10¹² bytes a second.
    private static func guessesPerSecond(_ kdf: SlotKDF) -> Double {
        switch kdf {
        case .pbkdf2HMACSHA512(let iterations): 3e9 / Double(iterations)
        case .pbkdf2HMACSHA256(let iterations): 9e9 / Double(iterations)
        case .argon2id(let passes, let memoryKiB): 1e12 / (Double(passes) * Double(memoryKiB) * 1024 * 3)
        case .none: .infinity
        }
    }

    // MARK: Pieces

    private static let listBits = log2(Double(WordList.count))
    private static let commonBits = 7.0
    private static let yearBits = 7.0

    private static func symbolBits(_ byte: UInt8) -> Double {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): 3.3
        case UInt8(ascii: "a")...UInt8(ascii: "z"): 4.7
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): 5.2
        case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): 1
        case ..<128: 5
        // A letter of another script has two bytes or more, of which the first says little.
        case 0xC0...: 1.5
        default: 5
        }
    }

    private static func repeatLength(_ password: borrowing Span<UInt8>, _ start: Int) -> Int {
        var end = start + 1
        while end < password.count, password[end] == password[start] { end += 1 }
        return end - start
    }

    /// `abcd`, `4321`.
    private static func stepLength(_ password: borrowing Span<UInt8>, _ start: Int) -> Int {
        guard start + 1 < password.count else { return 1 }
        let step = Int(password[start + 1]) - Int(password[start])
        guard step == 1 || step == -1 else { return 1 }
        var end = start + 1
        while end < password.count, Int(password[end]) - Int(password[end - 1]) == step { end += 1 }
        return end - start
    }

    /// Neighbours on a keyboard.
    private static func rowLength(_ password: borrowing Span<UInt8>, _ start: Int) -> Int {
        var longest = 1
        for row in ["qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "qazwsxedc", "1qaz2wsx3edc", "qweasdzxc"] {
            let keys = Array(row.utf8)
            for first in keys.indices where keys[first] == lowercase(password[start]) {
                var length = 0
                while start + length < password.count, first + length < keys.count,
                    lowercase(password[start + length]) == keys[first + length]
                { length += 1 }
                longest = max(longest, length)
            }
        }
        return longest
    }

    private static func isYear(_ password: borrowing Span<UInt8>, _ start: Int) -> Bool {
        guard start + 4 <= password.count else { return false }
        var year = 0
        for offset in 0..<4 {
            let digit = password[start + offset]
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return false }
            year = year * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return (1900...2039).contains(year)
    }

    /// Whether `word` stands at `start`, and how many binary digits its capitals and look-alikes add; nil if not.
    private static func match(
        _ password: borrowing Span<UInt8>, _ start: Int, _ word: borrowing Span<UInt8>
    ) -> Double? {
        guard word.count >= 3, start + word.count <= password.count else { return nil }
        var (capitals, lookalikes) = (0, 0)
        for offset in 0..<word.count {
            let typed = password[start + offset]
            if typed == word[offset] { continue }
            if lowercase(typed) == word[offset] {
                capitals += 1
            } else if isLookalike(typed, of: word[offset]) {
                lookalikes += 1
            } else {
                return nil
            }
        }
        let isUsual = capitals == 0 || capitals == word.count || (capitals == 1 && password[start] != word[0])
        return (capitals == 0 ? 0 : isUsual ? 1 : Double(capitals) + 1)
            + (lookalikes == 0 ? 0 : 1 + Double(lookalikes) / 2)
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
    }

    private static func isLookalike(_ byte: UInt8, of letter: UInt8) -> Bool {
        switch (byte, letter) {
        case (UInt8(ascii: "0"), UInt8(ascii: "o")), (UInt8(ascii: "1"), UInt8(ascii: "l")),
            (UInt8(ascii: "1"), UInt8(ascii: "i")), (UInt8(ascii: "!"), UInt8(ascii: "i")),
            (UInt8(ascii: "3"), UInt8(ascii: "e")), (UInt8(ascii: "4"), UInt8(ascii: "a")),
            (UInt8(ascii: "@"), UInt8(ascii: "a")), (UInt8(ascii: "5"), UInt8(ascii: "s")),
            (UInt8(ascii: "$"), UInt8(ascii: "s")), (UInt8(ascii: "7"), UInt8(ascii: "t")):
            true
        default: false
        }
    }

    private static func forEachWord(in text: StaticString, _ body: (borrowing Span<UInt8>) -> Void) {
        // The text of a StaticString is in the program itself and has this many bytes.
        let bytes = unsafe Span(_unsafeStart: text.utf8Start, count: text.utf8CodeUnitCount)
        var start = 0
        for position in 0...bytes.count where position == bytes.count || bytes[position] <= 32 {
            if position > start { body(bytes.extracting(start..<position)) }
            start = position + 1
        }
    }

    /// What people choose first, and what they put around it.
    private static let commonWords: StaticString = """
        password passwort passw0rd parol privet qwerty letmein welcome admin administrator root login master secret
        dragon monkey football baseball iloveyou sunshine princess shadow superman batman trustno1 hello freedom
        whatever michael jordan ashley bailey charlie andrew daniel jessica thomas maria anna natasha sasha
        marina andrey sergey dmitry alexander vladimir moscow london berlin paris summer winter spring autumn
        january february march april june july august september october november december monday friday
        love god money test temp guest user access changeme default company server cloud vault coffer keepass
        google mail yandex github gitlab openstack terraform correct horse battery staple the and for you
        """
}
