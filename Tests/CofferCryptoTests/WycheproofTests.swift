/// Runs the Wycheproof vectors, edge cases that published vectors leave out.
import CofferCrypto
import CofferMemory
import TestSupport
import Testing

struct WycheproofTests {
    private struct File<Group: Decodable>: Decodable {
        let numberOfTests: Int
        let testGroups: [Group]
    }

    private struct MacGroup: Decodable {
        struct Row: Decodable {
            let tcId: Int
            let key, msg, tag, result: String
        }
        let tagSize: Int
        let tests: [Row]
    }

    private struct DerivationGroup: Decodable {
        struct Row: Decodable {
            let tcId, size: Int
            let ikm, salt, info, okm, result: String
        }
        let tests: [Row]
    }

    private struct PasswordGroup: Decodable {
        struct Row: Decodable {
            let tcId, iterationCount, dkLen: Int
            let password, salt, dk, result: String
        }
        let tests: [Row]
    }

    private struct BoxGroup: Decodable {
        struct Row: Decodable {
            let tcId: Int
            let key, iv, aad, msg, ct, tag, result: String
        }
        let tests: [Row]
    }

    @Test(arguments: [
        (HashAlgorithm.sha1, "hmac_sha1_test.json"), (.sha256, "hmac_sha256_test.json"),
        (.sha512, "hmac_sha512_test.json"),
    ])
    func `HMAC gives the valid tags and none of the forged`(_ algorithm: HashAlgorithm, _ name: String) throws {
        guard let file = try SharedVectors.read("wycheproof/\(name)", as: File<MacGroup>.self) else { return }
        var rows = 0
        for group in file.testGroups {
            for row in group.tests {
                let code = HMAC.authenticate(
                    algorithm, key: bytes(hex: row.key).span, message: bytes(hex: row.msg).span)
                let isValid = Array(array(code).prefix(group.tagSize / 8)) == bytes(hex: row.tag)
                #expect(isValid == (row.result == "valid"), "\(name) \(row.tcId)")
                rows += 1
            }
        }
        report(name, rows, of: file.numberOfTests)
    }

    @Test func `HKDF gives the valid keys and has no room for longer ones`() throws {
        let name = "hkdf_sha512_test.json"
        guard let file = try SharedVectors.read("wycheproof/\(name)", as: File<DerivationGroup>.self) else { return }
        var rows = 0
        for row in file.testGroups.flatMap(\.tests) {
            rows += 1
            guard row.result == "valid" else {
                #expect(row.size > HKDF.outputCountMaximum, "\(name) \(row.tcId)")
                continue
            }
            let key = HKDF.derive(
                ikm: bytes(hex: row.ikm).span, salt: bytes(hex: row.salt).span, info: bytes(hex: row.info).span,
                outputCount: row.size)
            #expect(array(key) == bytes(hex: row.okm), "\(name) \(row.tcId)")
        }
        report(name, rows, of: file.numberOfTests)
    }

    @Test(arguments: [
        (HashAlgorithm.sha256, "pbkdf2_hmacsha256_test.json"), (.sha512, "pbkdf2_hmacsha512_test.json"),
    ])
    func `PBKDF2 gives the valid keys`(_ algorithm: HashAlgorithm, _ name: String) throws {
        guard let file = try SharedVectors.read("wycheproof/\(name)", as: File<PasswordGroup>.self) else { return }
        var rows = 0
        for row in file.testGroups.flatMap(\.tests) {
            try #require(row.result == "valid")
            let key = PBKDF2.derive(
                algorithm, password: bytes(hex: row.password).span, salt: bytes(hex: row.salt).span,
                iterations: row.iterationCount, outputCount: row.dkLen)
            #expect(array(key) == bytes(hex: row.dk), "\(name) \(row.tcId)")
            rows += 1
        }
        report(name, rows, of: file.numberOfTests)
    }

    @Test func `XChaCha20-Poly1305 seals and opens the valid boxes and refuses the others`() throws {
        let name = "xchacha20_poly1305_test.json"
        guard let file = try SharedVectors.read("wycheproof/\(name)", as: File<BoxGroup>.self) else { return }
        var rows = 0
        for row in file.testGroups.flatMap(\.tests) {
            rows += 1
            let nonce = bytes(hex: row.iv)
            guard nonce.count == XChaCha20Poly1305.nonceCount else {
                // A nonce of another size is a mistake of the program here, not an input: no road leads to it.
                #expect(row.result == "invalid", "\(name) \(row.tcId)")
                continue
            }
            let (key, associatedData) = (bytes(hex: row.key), bytes(hex: row.aad))
            let (message, sealed) = (bytes(hex: row.msg), bytes(hex: row.ct + row.tag))
            let result = openRaw(sealed, nonce: nonce, associatedData: associatedData, key: key)
            if row.result == "valid" {
                #expect(result == .success(message), "\(name) \(row.tcId)")
                let again = XChaCha20Poly1305.seal(
                    message.span, nonce: nonce.span, associatedData: associatedData.span, key: key.span)
                #expect(again == sealed, "\(name) \(row.tcId)")
            } else {
                #expect(result == .failure(.authenticationFailed), "\(name) \(row.tcId)")
            }
        }
        report(name, rows, of: file.numberOfTests)
    }

    private func report(_ name: String, _ rows: Int, of expected: Int) {
        print("Wycheproof \(name), rows: \(rows)")
        #expect(rows > 0 && rows == expected, "\(name) did not run as a whole")
    }
}
