/// Tests that no text can steer, reorder or fake what a terminal shows.
import CofferCLI
import CofferMemory
import TestSupport
import Testing

struct EscapingTests {
    private static func shown(_ bytes: [UInt8], _ layout: Escaping.Layout = .line) -> String {
        var sink = PrivateBuilder()
        Escaping.append(bytes.span, to: &sink, layout: layout)
        return sink.text()
    }

    @Test(arguments: [
        ("\u{1B}[2J\u{1B}[H", "\\u{1B}[2J\\u{1B}[H"),
        ("\u{1B}]0;pwned\u{7}", "\\u{1B}]0;pwned\\u{7}"),
        ("\u{1B}]52;c;cm0gLXJmIH4=\u{7}", "\\u{1B}]52;c;cm0gLXJmIH4=\\u{7}"),
        ("\u{9B}31m", "\\u{9B}31m"),
        ("\rCopied to clipboard", "\\rCopied to clipboard"),
        ("line1\nFAKE ROW", "line1\\nFAKE ROW"),
        ("a\tb", "a\\tb"),
        ("\u{202E}gnp.exe", "\\u{202E}gnp.exe"),
        ("\u{2066}\u{2069}", "\\u{2066}\\u{2069}"),
        ("\u{200E}\u{200F}\u{61C}", "\\u{200E}\\u{200F}\\u{61C}"),
        ("\u{200B}\u{200C}\u{200D}\u{2060}\u{FEFF}", "\\u{200B}\\u{200C}\\u{200D}\\u{2060}\\u{FEFF}"),
        ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
        ("\u{0}", "\\u{0}"),
        ("\u{7F}\u{8}\u{8}", "\\u{7F}\\u{8}\\u{8}"),
        ("\u{85}", "\\u{85}"),
        ("\u{AD}", "\\u{AD}"),
        ("\u{E0041}\u{E0100}", "\\u{E0041}\\u{E0100}"),
        ("\u{E000}\u{F0000}", "\\u{E000}\\u{F0000}"),
        ("\u{378}\u{FFFE}\u{10FFFF}", "\\u{378}\\u{FFFE}\\u{10FFFF}"),
        ("\u{3164}\u{115F}\u{FE00}", "\\u{3164}\\u{115F}\\u{FE00}"),
    ])
    func `what a person cannot see is spelled out`(_ hostile: String, _ expected: String) {
        #expect(escapedForTerminal(hostile) == expected)
    }

    @Test(arguments: [
        "plain ASCII ~!@#$%^&*()", "Пароль от почты", "密码", "e\u{301} and é", "a\\b", "❤\u{FE0F} 🔑", "नमस्ते", "שלום", "",
    ])
    func `text in any script stays as it is`(_ ordinary: String) {
        #expect(Array(escapedForTerminal(ordinary).utf8) == Array(ordinary.utf8))
    }

    @Test func `notes keep their lines, and nothing else`() {
        #expect(Self.shown(Array("a\n\tb\r\n\u{1B}".utf8), .lines) == "a\n\\tb\\r\n\\u{1B}")
    }

    @Test(
        arguments: [
            ([0xFF], "\\x{FF}"),
            ([0x41, 0x80, 0x42], "A\\x{80}B"),
            ([0xC0, 0xAF], "\\x{C0}\\x{AF}"),
            ([0xE2, 0x82], "\\x{E2}\\x{82}"),
            ([0xED, 0xA0, 0x80], "\\x{ED}\\x{A0}\\x{80}"),
            ([0xF4, 0x90, 0x80, 0x80], "\\x{F4}\\x{90}\\x{80}\\x{80}"),
            ([0xE0, 0x80, 0xAF], "\\x{E0}\\x{80}\\x{AF}"),
            ([0x9B, 0x33, 0x31, 0x6D], "\\x{9B}31m"),
        ] as [([UInt8], String)])
    func `bytes that are not UTF-8 are shown as bytes`(_ bytes: [UInt8], _ expected: String) {
        #expect(Self.shown(bytes) == expected)
    }

    @Test func `secrets are escaped in locked memory in the same way`() {
        let secret = SecretBytes(copying: Array("pass\u{202E}word\u{1B}".utf8))
        let builder = escapedForTerminal(secret.span)
        #expect(text(builder.span) == "pass\\u{202E}word\\u{1B}")
    }

    @Test func `decoding agrees with the standard library on random bytes`() {
        let random = SeededRandom()
        print("seed \(random.seed)")
        for _ in 0..<2000 {
            // Lead bytes and continuation bytes come often, so that whole sequences do.
            let bytes = (0..<12).map { _ -> UInt8 in
                let drawn = random.next()
                return drawn & 1 == 0 ? 0x80 | UInt8(drawn >> 8 & 0x3F) : UInt8(drawn >> 8 & 0xFF)
            }
            var position = 0
            var isValid = true
            var scalars: [UInt32] = []
            while position < bytes.count {
                let step = UTF8Decoding.step(bytes.span, at: position)
                switch step {
                case .scalar(let scalar, _): scalars.append(scalar)
                case .invalid: isValid = false
                }
                position += step.count
            }
            let reference = String(validating: bytes, as: UTF8.self)
            #expect(isValid == (reference != nil), "seed \(random.seed), \(bytes)")
            if let reference, isValid { #expect(scalars == reference.unicodeScalars.map(\.value)) }
        }
    }

    @Test func `nothing random leaves a control or bidirectional character`() {
        let random = SeededRandom()
        print("seed \(random.seed)")
        for _ in 0..<2000 {
            let bytes = (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let shown = Self.shown(bytes)
            let isHarmless = shown.unicodeScalars.allSatisfy {
                $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) && !$0.properties.isBidiControl
                    && $0 != "\u{FFFD}"
            }
            #expect(isHarmless, "seed \(random.seed), \(bytes)")
        }
    }
}
