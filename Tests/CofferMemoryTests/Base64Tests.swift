/// Base64 against RFC 4648, section 10, and against what is none.
import CofferMemory
import Testing

struct Base64Tests {
    static let rows = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ]

    static func decoded(_ text: [UInt8]) throws(Base64Error) -> [UInt8] {
        let decoded = try Base64.decode(SecretBytes(copying: text).span)
        return (0..<decoded.count).map { decoded.span[$0] }
    }

    static func decoded(_ text: String) throws(Base64Error) -> [UInt8] { try decoded(Array(text.utf8)) }

    static func encoded(_ bytes: [UInt8]) -> [UInt8] {
        var text = SecretBuilder()
        Base64.append(SecretBytes(copying: bytes).span, to: &text)
        return (0..<text.count).map { text.span[$0] }
    }

    static func failure(_ text: String) -> Base64Error? {
        do {
            _ = try decoded(text)
            return nil
        } catch {
            return error
        }
    }

    @Test func `the rows of RFC 4648 decode and encode, with and without padding`() throws {
        for (plain, text) in Self.rows {
            #expect(try Self.decoded(text) == Array(plain.utf8))
            #expect(try Self.decoded(String(text.prefix { $0 != "=" })) == Array(plain.utf8))
            #expect(Self.encoded(Array(plain.utf8)) == Array(text.utf8))
        }
        #expect(try Self.decoded("Zg=") == Array("f".utf8))
        print("RFC 4648, section 10: \(Self.rows.count) rows")
    }

    @Test func `every byte is either a symbol of the alphabet or refused where it stands`() throws {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        for byte in UInt8.min...UInt8.max {
            let result = Result { () throws(Base64Error) in try Self.decoded([0x41, 0x41, 0x41, byte]) }
            if let value = alphabet.firstIndex(of: byte) {
                #expect(result == .success([0, 0, UInt8(value)]))
            } else if byte == UInt8(ascii: "=") {
                #expect(result == .success([0, 0]))
            } else {
                #expect(result == .failure(.symbol(position: 3)), "\(byte)")
            }
        }
    }

    @Test func `what is encoded decodes to the same bytes, at every length`() throws {
        for count in 0...300 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: ($0 + count) * 0x9E37 >> 5) }
            #expect(try Self.decoded(Self.encoded(bytes)) == bytes)
        }
    }

    @Test(arguments: [
        ("Zg===", 4), ("Zm8==", 4), ("Zm9v=", 4), ("=", 0), ("====", 0), ("Zg=v", 3), ("Zm 9v", 2), ("Zm9v\n", 4),
        ("-_-_", 0), ("Zm9vé", 4), ("Z====", 4),
        // Bits left over that no writer sets.
        ("Zh", 1), ("Zm9=", 2), ("Zv==", 1),
    ])
    func `what is no base64 is refused by its position`(text: String, position: Int) {
        #expect(Self.failure(text) == .symbol(position: position))
    }

    @Test(arguments: [("Z", 1), ("Zm9vY", 5), ("Z=", 1)])
    func `a number of symbols that no bytes have is refused`(text: String, symbols: Int) {
        #expect(Self.failure(text) == .length(symbols: symbols))
    }
}
