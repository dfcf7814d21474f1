/// Runs the other shared vectors: derivations of RFC 6070 and 7914, and ciphertexts that open under several keys.
import CofferCrypto
import CofferMemory
import TestSupport
import Testing

struct SharedVectorTests {
    private struct Derivations: Decodable {
        struct Row: Decodable {
            let passwordHex, saltHex, dk: String
            let iterations, dklen: Int
        }
        let rfc6070Pbkdf2HmacSha1: [Row]
        let rfc7914Pbkdf2HmacSha256: [Row]
        let pbkdf2HmacSha512Cross: [Row]
    }

    private struct MultiKeyBoxes: Decodable {
        struct Row: Decodable {
            struct Opening: Decodable { let key, plaintext: String }
            let nonce, aad, ciphertextAndTag: String
            let opensUnder: [Opening]
        }
        let vectors: [Row]
    }

    @Test func `PBKDF2 gives the keys of the RFCs and the cross-checked ones`() throws {
        let name = "rfc/rfc-kdf-otp-vectors.json"
        guard let file = try SharedVectors.read(name, as: Derivations.self) else { return }
        var rows = 0
        for (algorithm, derivations) in [
            (HashAlgorithm.sha1, file.rfc6070Pbkdf2HmacSha1), (.sha256, file.rfc7914Pbkdf2HmacSha256),
            (.sha512, file.pbkdf2HmacSha512Cross),
        ] {
            for row in derivations {
                let key = PBKDF2.derive(
                    algorithm, password: bytes(hex: row.passwordHex).span, salt: bytes(hex: row.saltHex).span,
                    iterations: row.iterations, outputCount: row.dklen)
                #expect(array(key) == bytes(hex: row.dk), "\(algorithm) \(row)")
                rows += 1
            }
        }
        print("\(name), PBKDF2 rows: \(rows)")
        #expect(rows > 0)
    }

    /// That they open is the danger which a key slot's commitment answers; here it is only shown to be real.
    @Test func `a ciphertext made for several keys opens under each of them`() throws {
        let name = "coffer-multikey-xchacha20poly1305.json"
        guard let file = try SharedVectors.read(name, as: MultiKeyBoxes.self) else { return }
        var rows = 0
        for row in file.vectors {
            #expect(row.opensUnder.count >= 2)
            for opening in row.opensUnder {
                let result = openRaw(
                    bytes(hex: row.ciphertextAndTag), nonce: bytes(hex: row.nonce),
                    associatedData: bytes(hex: row.aad), key: bytes(hex: opening.key))
                #expect(result == .success(bytes(hex: opening.plaintext)))
                rows += 1
            }
        }
        print("\(name), rows: \(rows)")
        #expect(rows > 0)
    }
}
