/// Proves the loop of PBKDF2 against published vectors and against libcrypto's own derivation.
import COpenSSL
import CofferCrypto
import CofferMemory
import TestSupport
import Testing

struct PBKDF2Tests {
    /// RFC 6070 with SHA-1, RFC 7914 section 11 with SHA-256, and one row for SHA-512 that three programs agree on.
    private static let published: [(HashAlgorithm, password: String, salt: String, Int, key: String)] = [
        (.sha1, "password", "salt", 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
        (.sha1, "password", "salt", 2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"),
        (.sha1, "password", "salt", 4096, "4b007901b765489abead49d926f721d065a429c1"),
        (
            .sha1, "passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096,
            "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038"
        ),
        (.sha1, "pass\0word", "sa\0lt", 4096, "56fa6aa75548099dcc37d7f03425e0c3"),
        (
            .sha256, "passwd", "salt", 1,
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
                + "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"
        ),
        (
            .sha256, "Password", "NaCl", 80_000,
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
                + "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d"
        ),
        (
            .sha512, "password", "salt", 4096,
            "d197b1b33db0143e018b12f3d1d1479e6cdebdcc97c5c0f87f6902e072f457b5"
                + "143f30602641b3d55cd335988cb36b84376060ecd532e039b742a239434af2d5"
        ),
    ]

    @Test func `the published derivations come out`() {
        for row in Self.published {
            let expected = bytes(hex: row.key)
            let key = PBKDF2.derive(
                row.0, password: Array(row.password.utf8).span, salt: Array(row.salt.utf8).span,
                iterations: row.3, outputCount: expected.count)
            #expect(array(key) == expected, "\(row)")
        }
        print("PBKDF2 published, rows: \(Self.published.count)")
    }

    @Test func `every derivation agrees with libcrypto`() {
        var random = SeededRandom()
        print("PBKDF2 against libcrypto, seed: \(random.seed)")
        var rows = 0
        for algorithm in [HashAlgorithm.sha256, .sha512] {
            // Every length of password once, so that both sides of a block's end are met.
            for passwordCount in 0...300 {
                let password = random.bytes(passwordCount)
                let salt = random.bytes(Int.random(in: 0...80, using: &random))
                let iterations = Int.random(in: 1...40, using: &random)
                let outputCount = Int.random(in: 1...200, using: &random)
                let key = PBKDF2.derive(
                    algorithm, password: password.span, salt: salt.span, iterations: iterations,
                    outputCount: outputCount)
                let expected = libcryptoKey(algorithm, password, salt, iterations, outputCount)
                #expect(array(key) == expected, "\(algorithm) \(passwordCount) \(salt.count) \(iterations)")
                rows += 1
            }
        }
        print("PBKDF2 against libcrypto, rows: \(rows)")
        #expect(rows == 602)
    }

    private func libcryptoKey(
        _ algorithm: HashAlgorithm, _ password: [UInt8], _ salt: [UInt8], _ iterations: Int, _ count: Int
    ) -> [UInt8] {
        var key = [UInt8](repeating: 0, count: count)
        // Each address goes with its length; PKCS5_PBKDF2_HMAC reads and writes no more.
        let status = unsafe password.withUnsafeBytes { passwordBytes in
            unsafe PKCS5_PBKDF2_HMAC(
                passwordBytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(password.count),
                salt, Int32(salt.count), Int32(iterations),
                algorithm == .sha256 ? EVP_sha256() : EVP_sha512(), Int32(count), &key)
        }
        #expect(status == 1)
        return key
    }
}
