/// Published values of HMAC, HKDF and BLAKE2b, and of the keys that hang on a vault key.
import CofferCrypto
import CofferMemory
import TestSupport
import Testing

struct HashTests {
    /// RFC 2202 (SHA-1) and RFC 4231 (SHA-2): a short key, and one longer than a block.
    @Test func `HMAC gives the published codes`() {
        let short = (Array("Jefe".utf8), Array("what do ya want for nothing?".utf8))
        let longMessage = Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)
        let long = ([UInt8](repeating: 0xAA, count: 131), longMessage)
        let rows: [(HashAlgorithm, ([UInt8], [UInt8]), String)] = [
            (.sha1, short, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            (.sha1, ([UInt8](repeating: 0xAA, count: 80), longMessage), "aa4ae5e15272d00e95705637ce8a3b55ed402112"),
            (.sha256, short, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            (.sha256, long, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
            (
                .sha512, short,
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                    + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
            ),
            (
                .sha512, long,
                "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
                    + "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"
            ),
        ]
        for (algorithm, input, expected) in rows {
            let code = HMAC.authenticate(algorithm, key: input.0.span, message: input.1.span)
            #expect(array(code) == bytes(hex: expected))
            #expect(code.count == algorithm.outputCount)
        }
        print("HMAC published, rows: \(rows.count)")
    }

    /// The inputs of RFC 5869, A.1, and a longer output with no salt; computed for SHA-512 with another program.
    @Test func `HKDF gives the keys that another program gives`() {
        let first = HKDF.derive(
            ikm: [UInt8](repeating: 0x0B, count: 22).span, salt: Array(0...12).span, info: Array(0xF0...0xF9).span,
            outputCount: 42)
        #expect(
            array(first)
                == bytes(
                    hex: "832390086cda71fb47625bb5ceb168e4c8e26a1a16ed34d9fc7fe92c1481579338da362cb8d9f925d7cb"))
        let none: [UInt8] = []
        let second = HKDF.derive(
            ikm: Array(0...31).span, salt: none.span, info: Array("coffer/1 slot".utf8).span, outputCount: 100)
        #expect(
            array(second)
                == bytes(
                    hex: "93a914260e26755d2c1735663884faf50c142beb44a2dfecd3f41a1649a269abf5a0e1b19f22bfd3"
                        + "7a5aac8f5453c8f274405625944a09af7911f349542e409ecf03d0da20966357bdd75a2c351288e5"
                        + "adc1e47fdae14402e2221c58ca860d0eeb4b7080"))
    }

    /// The key is the bytes 0 to keyCount - 1. "abc" is RFC 7693, appendix A; the keyed rows of 64 bytes are the
    /// reference implementation's, the others are computed with another program.
    private static let blake2bRows: [(keyCount: Int, message: [UInt8], hash: String)] = [
        (
            0, Array("abc".utf8),
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
                + "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923"
        ),
        (
            64, [],
            "10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786"
                + "b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df7aefcbc13fc51568"
        ),
        (
            64, Array(0...254),
            "142709d62e28fcccd0af97fad0f8465b971e82201dc51070faa0372aa43e9248"
                + "4be1c1e73ba10906d5d1853db6a4106e0a7bf9800d373d6dee2d46d62ef2a461"
        ),
        (0, Array("abc".utf8), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"),
        (32, Array("abc".utf8), "43f5ccafe5afc5b810756184a24cdb8980ca46b3cd554e3a"),
        (0, [], "cae66941d9efbd404e4d88758ea67670"),
    ]

    @Test func `BLAKE2b gives the published hashes, in one piece and in many`() {
        for row in Self.blake2bRows {
            let key = [UInt8]((0..<row.keyCount).map { UInt8($0) })
            let expected = bytes(hex: row.hash)
            let count = expected.count
            #expect(BLAKE2b.keyed(key: key.span, message: row.message.span, count: count) == expected)
            var secretHasher = BLAKE2bHasher(key: key.span, count: count)
            secretHasher.update(row.message.span)
            #expect(array(secretHasher.finishSecret()) == expected)
            if row.keyCount == 0 { #expect(BLAKE2b.hash(row.message.span, count: count) == expected) }
            var hasher = BLAKE2bHasher(key: key.span, count: count)
            for byte in row.message { hasher.update([byte].span) }
            #expect(hasher.finish() == expected)
        }
        print("BLAKE2b published, rows: \(Self.blake2bRows.count)")
    }

    /// Vault key 00 01 … 1f and id 10 11 … 1f; computed with another program from docs/format.md, "Keys".
    @Test func `the keys under a vault key are those of the format`() {
        let vaultKey = VaultKey(SecretBytes(copying: Array(0...31)))
        let id = [UInt8](16...31)
        let rows: [([UInt8], String)] = [
            (
                array(vaultKey.deriveHeaderKey().bytes),
                "1b8ba107f9798b6aeef07c1975285f683c45b6ac7f1711d68ac8bd3be1894150"
            ),
            (
                array(vaultKey.deriveIndexKey().bytes),
                "b1dcd41ffe2abf376618e746f26a43bc8ff64b1a49dfa206301c364746b32601"
            ),
            (
                array(vaultKey.deriveEntryKey(id: id.span).bytes),
                "780b52d555fd2fe559c172713fe2c9b479382bed3b14217ee40e318ff5893f52"
            ),
            (
                array(vaultKey.deriveNonceKey().bytes),
                "b61cf7f0dffad8679266bc016e24c5f39cff6eb8b79121bbf49bca330a1aab62"
            ),
            (
                array(vaultKey.deriveElementNameKey().bytes),
                "8eb67ab4052c1a6af9ad40599f4a6dba80a801a981f05b223aece16f98409a05"
            ),
            (
                array(vaultKey.deriveFingerprintKey().bytes),
                "ccba1c1204d3a8f534504b68b58f411b47b7bfae45c46a8601409133247add01"
            ),
            (
                array(vaultKey.deriveLocalStateKey().bytes),
                "222d49199feca9ba966736a3ae2373c49cd04ff7273a2684ebaa21f58d19d1c1"
            ),
            (
                vaultKey.deriveEpochCheck(vaultID: id.span, epoch: 0x0102_0304_0506_0708),
                "f1864cc14ff151a6d4bd2ae6e774361c"
            ),
        ]
        for (key, expected) in rows { #expect(key == bytes(hex: expected)) }
        print("Derived keys, rows: \(rows.count)")
    }

    @Test func `a fresh vault key is what the random source gave`() {
        let script = [UInt8](100...131)
        #expect(array(VaultKey.make(random: ScriptedRandom(script)).bytes) == script)
    }
}
