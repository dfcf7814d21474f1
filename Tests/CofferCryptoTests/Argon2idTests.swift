/// Argon2id against values computed with the reference implementation, and what it refuses.
import CofferCrypto
import CofferMemory
import FoundationEssentials
import TestSupport
import Testing

struct Argon2idTests {
    @Test func `the keys are those of the reference implementation`() throws {
        let counting = [UInt8](0...15)
        let named = Array("somesalt01234567".utf8)
        let rows: [(String, [UInt8], passes: Int, memoryKiB: Int, String)] = [
            ("password", named, 1, 64, "8a3b1e4827b66d843a502ec863054ed10d36700c24ccb9b22cd86efd685675f9"),
            ("password", named, 2, 65_536, "250b3145bff599b3b03a58e8c212537dcfc66e29184bbb7ff0abbc0f55a5b92f"),
            (
                "", [UInt8](repeating: 0, count: 16), 3, 256,
                "2a5c6db035650effb38fc238ac633f8afb7a9c95b7100c5dc6bf825674e79246"
                    + "66581e241b0558308998f9f2f353bf9fce612c2101e7f6d4a669001379d3ea26"
            ),
            ("correct horse battery staple", counting, 1, 1024, "4a7c0134f5f56e14921a767af629ab94"),
            ("пароль", counting, 4, 4096, "751f403e5d74e89b1efbb971543652bc0cc139299df999d9"),
        ]
        for (password, salt, passes, memoryKiB, expected) in rows {
            let key = try Argon2id.derive(
                password: Array(password.utf8).span, salt: salt.span, passes: passes, memoryKiB: memoryKiB,
                outputCount: expected.utf8.count / 2)
            #expect(array(key) == bytes(hex: expected))
        }
        print("Argon2id, rows: \(rows.count)")
    }

    @Test func `a parameter that Argon2id does not have is refused before any work`() {
        #expect(failure(saltCount: 15) == .parameterUnsupported)
        #expect(failure(saltCount: 17) == .parameterUnsupported)
        #expect(failure(passes: 0) == .parameterUnsupported)
        #expect(failure(passes: -1) == .parameterUnsupported)
        #expect(failure(passes: 1 << 32) == .parameterUnsupported)
        #expect(failure(memoryKiB: 7) == .parameterUnsupported)
        #expect(failure(memoryKiB: -1) == .parameterUnsupported)
        #expect(failure(memoryKiB: .max) == .parameterUnsupported)
        #expect(failure(outputCount: 15) == .parameterUnsupported)
        #expect(failure(outputCount: -1) == .parameterUnsupported)
        #expect(failure() == nil)
    }

    /// Where the kernel promises any amount of memory, the promise would be tried out: no test for such a machine.
    private static let isMemoryPromised =
        FileManager.default.contents(atPath: "/proc/sys/vm/overcommit_memory") == Data("1\n".utf8)

    @Test(.disabled(if: isMemoryPromised))
    func `memory that no machine has is reported, not waited for`() {
        // Just under the 4 TiB that libsodium can express.
        #expect(failure(memoryKiB: (1 << 32) - 1) == .outOfMemory)
    }

    private func failure(
        saltCount: Int = 16, passes: Int = 1, memoryKiB: Int = 64, outputCount: Int = 32
    ) -> CryptoError? {
        let salt = [UInt8](repeating: 1, count: saltCount)
        do {
            _ = try Argon2id.derive(
                password: salt.span, salt: salt.span, passes: passes, memoryKiB: memoryKiB, outputCount: outputCount)
            return nil
        } catch { return error }
    }
}
