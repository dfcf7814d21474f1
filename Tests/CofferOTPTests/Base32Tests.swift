/// Base32 against RFC 4648, section 10, and against what people paste.
import CofferMemory
import CofferOTP
import TestSupport
import Testing

struct Base32Tests {
    static let rows = [
        ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
        ("foobar", "MZXW6YTBOI"),
    ]

    static func decoded(_ encoded: String) throws(OTPError) -> String { text(try Base32.decode(secret(encoded).span)) }

    static func decodingFailure(_ encoded: String) -> OTPError? {
        failure { () throws(OTPError) in _ = try decoded(encoded) }
    }

    @Test func `the rows of RFC 4648 decode and encode, with and without padding`() throws {
        for (plain, encoded) in Self.rows {
            let padding = String(repeating: "=", count: (8 - encoded.count % 8) % 8)
            #expect(try Self.decoded(encoded) == plain)
            #expect(try Self.decoded(encoded + padding) == plain)
            let written = Base32.encode(secret(plain).span)
            #expect(text(written) == encoded)
        }
        print("RFC 4648, section 10: \(Self.rows.count) rows")
    }

    @Test(arguments: [
        "mzxw6ytboi", "MzXw6yTbOi", "MZXW 6YTB OI", " MZXW6YTBOI\r\n", "MZXW-6YTB-OI", "mzxw\t6ytb\noi", "MZXW6YTBOI=",
        "MZXW6YTBOI======", "MZXW6YTBOI== ==-==", "MZXW6YTBOI========", "M-Z X-W-6 YTB--OI",
    ])
    func `a secret in another dress is the same secret`(encoded: String) throws {
        #expect(try Self.decoded(encoded) == "foobar")
    }

    @Test(arguments: ["MZ", "MY", "M3", "Mz======"])
    func `unused bits of the last symbol may be anything, as with oathtool`(encoded: String) throws {
        let key = array(try Base32.decode(secret(encoded).span))
        #expect(key == [0x66])
    }

    @Test(arguments: [
        ("MZXW0YTB", 4), ("MZXW1YTB", 4), ("8", 0), ("9MZXW6YTB", 0), ("MZXW6YT!", 7), ("MZ=XW", 3), ("=M", 1),
        ("MZXW.6YTB", 4), ("MZXW_6YTB", 4), ("MZ\u{0}XW", 2), ("MZXWé", 4), ("MZ\u{7F}X", 2), ("MZ/+XW", 2),
    ])
    func `another character is refused by its position`(encoded: String, position: Int) {
        #expect(Self.decodingFailure(encoded) == .secretSymbol(position: position))
    }

    @Test(arguments: [("M", 1), ("MZX", 3), ("MZXW6Y", 6), ("MZXW6YTBO", 9), ("MZXW6YTBOIA", 11), ("M=", 1)])
    func `a number of symbols that no bytes have is refused`(encoded: String, symbols: Int) {
        #expect(Self.decodingFailure(encoded) == .secretLength(symbols: symbols))
    }

    @Test(arguments: ["", " ", "-", "=", "======", "\n"])
    func `no symbol is no byte`(encoded: String) throws {
        #expect(try Self.decoded(encoded) == "")
    }

    @Test func `what is encoded decodes to the same bytes, at every length`() throws {
        var random = SeededRandom()
        print("base32 round trips: seed \(random.seed)")
        for count in 0...300 {
            let bytes = random.bytes(count...count)
            let encoded = Base32.encode(SecretBytes(copying: bytes).span)
            let decoded = try Base32.decode(encoded.span)
            #expect(array(decoded.span) == bytes, "seed \(random.seed), \(count) bytes")
        }
    }

    @Test func `random bytes never trap`() {
        var random = SeededRandom()
        print("base32 of random bytes: seed \(random.seed)")
        for _ in 0..<2_000 {
            let bytes = SecretBytes(copying: random.bytes(0...64))
            _ = failure { () throws(OTPError) in _ = try Base32.decode(bytes.span) }
        }
    }
}
