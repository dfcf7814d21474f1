/// Finding text without regard to case, and composing it (Unicode NFC and case folding).
import CofferMemory
import CofferModel
import TestSupport
import Testing

private func finds(_ wanted: String, in text: String) -> Bool {
    let bytes = Array(text.utf8)
    return SearchText(wanted).isFound(in: bytes.span, 0..<bytes.count)
}

struct SearchTests {
    @Test(arguments: [
        ("bank", "My BANK account"), ("BANK", "bank"), ("k", "K"), ("", "anything"), ("", ""),
        ("привет", "ПРИВЕТ, мир"), ("МИР", "привет, мир"), ("ё", "Ё"), ("strasse", "Straße"), ("STRASSE", "straße"),
        ("é", "e\u{301}"), ("e\u{301}", "É"), ("σ", "ς"), ("i", "I"),
        // The Kelvin sign folds to k, the long s to s.
        ("k", "\u{212A}"), ("\u{212A}", "k"), ("\u{212A}elvin", "KELVIN"), ("s", "\u{17F}"), ("\u{17F}", "S"),
        ("банк", "мой Банк (bank)"), ("bank", "мой Банк (BANK)"),
    ])
    func `text is found whatever its case`(wanted: String, text: String) {
        #expect(finds(wanted, in: text))
    }

    @Test(arguments: [
        ("bank", "ban"), ("bank", ""), ("банк", "bank"), ("е", "e"), ("привет", "приве"), ("aa", "aba"), ("й", "и"),
    ])
    func `what is not there is not found`(wanted: String, text: String) {
        #expect(!finds(wanted, in: text))
    }

    @Test func `only the range is looked at`() {
        let bytes = Array("наш банк".utf8)
        let end = bytes.count
        let bank = SearchText("банк")
        let whole = bank.isFound(in: bytes.span, end - 8..<end)
        let part = bank.isFound(in: bytes.span, end - 8..<end - 2)
        let nothing = bank.isFound(in: bytes.span, 0..<0)
        #expect([whole, part, nothing] == [true, false, false])
    }

    @Test func `nothing traps, whatever the bytes are`() {
        var cases = 0
        for wanted in ["", "a", "банк", "\u{212A}", "\u{10FFFF}", "e\u{301}\u{302}"] {
            let search = SearchText(wanted)
            for _ in 0..<1_000 {
                let bytes = (0..<Int.random(in: 0...12)).map { _ in UInt8.random(in: 0...255) }
                let start = Int.random(in: 0...bytes.count)
                _ = search.isFound(in: bytes.span, start..<Int.random(in: start...bytes.count))
                cases += 1
            }
        }
        print("search: \(cases) random cases")
    }

    @Test func `a search for nothing is empty`() {
        #expect(SearchText("").isEmpty)
        #expect(!SearchText("\u{212A}").isEmpty)
    }
}

struct UnicodeTextTests {
    private static func composed(_ text: String) -> [UInt8]? {
        let bytes = Array(text.utf8)
        guard let composed = UnicodeText.composed(bytes.span) else { return nil }
        return Array(SecretSlice(composed).plainText.utf8)
    }

    @Test(arguments: [
        ("e\u{301}", "\u{E9}"), ("\u{E9}", "\u{E9}"), ("и\u{306}", "й"), ("\u{1112}\u{1161}\u{11AB}", "\u{D55C}"),
        ("\u{212B}", "\u{C5}"), ("a\u{323}\u{302}", "\u{1EAD}"), ("a\u{302}\u{323}", "\u{1EAD}"), ("plain", "plain"),
        ("", ""), ("\u{2F874}", "\u{5F53}"), ("q\u{307}\u{323}", "q\u{323}\u{307}"), ("\u{FB01}", "\u{FB01}"),
    ])
    func `text is composed canonically`(typed: String, composed: String) {
        #expect(Self.composed(typed) == Array(composed.utf8))
        #expect(Array(UnicodeText.composed(typed).utf8) == Array(composed.utf8))
    }

    @Test func `what is not UTF-8 has no composed form`() {
        for bytes: [UInt8] in [
            [0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x61, 0x80],
        ] {
            let hasComposed = UnicodeText.composed(bytes.span) != nil
            let hasFolded = UnicodeText.folded(bytes.span) != nil
            #expect(!hasComposed && !hasFolded, "\(bytes)")
        }
    }

    @Test func `the most expanding characters fit`() {
        // U+FDFA folds to 18 characters; a long text of it must fit its buffer.
        let long = String(repeating: "\u{FDFA}\u{1F82}\u{390}", count: 300)
        let folded = UnicodeText.foldedPlain(Array(long.utf8))
        #expect(folded != nil)
        #expect(Self.composed(long) != nil)
    }

    @Test func `composing twice changes nothing more`() {
        for _ in 0..<500 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...8) {
                let pool: [ClosedRange<UInt32>] = [
                    0x41...0x7A, 0x300...0x345, 0x430...0x45F, 0x1100...0x11FF, 0x1F00...0x1FFE,
                ]
                if let scalar = Unicode.Scalar(UInt32.random(in: pool.randomElement()!)) { text.append(scalar) }
            }
            let once = Self.composed(String(text))
            #expect(once != nil)
            #expect(once.flatMap { Self.composed(String(decoding: $0, as: UTF8.self)) } == once)
        }
    }
}
