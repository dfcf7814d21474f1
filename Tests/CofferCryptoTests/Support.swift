/// What several tests of the algorithms share: hexadecimal, repeatable randomness, and a random source that is told.
import CofferCrypto
import CofferMemory
import TestSupport

/// The bytes of a hexadecimal text; ends the test when it is none.
func bytes(hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue).map(UInt8.init)
    precondition(digits.count == hex.count && hex.count.isMultiple(of: 2))
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// A random source that hands out what it was given, in order.
final class ScriptedRandom: RandomSource {
    private var script: [UInt8]

    init(_ script: [UInt8]) { self.script = script }

    var remainingCount: Int { script.count }

    func fill(_ bytes: inout MutableSpan<UInt8>) {
        precondition(bytes.count <= script.count, "the script is too short")
        for index in bytes.indices { bytes[index] = script[index] }
        script.removeFirst(bytes.count)
    }
}

/// What a raw box opens to.
func openRaw(
    _ sealed: [UInt8], nonce: [UInt8], associatedData: [UInt8], key: [UInt8]
) -> Result<[UInt8], SealedBoxError> {
    var plaintext = [UInt8](repeating: 0xEE, count: max(sealed.count - XChaCha20Poly1305.tagCount, 0))
    var target = plaintext.mutableSpan
    do {
        try XChaCha20Poly1305.open(
            sealed.span, nonce: nonce.span, associatedData: associatedData.span, key: key.span, into: &target)
    } catch { return .failure(error) }
    return .success(plaintext)
}
