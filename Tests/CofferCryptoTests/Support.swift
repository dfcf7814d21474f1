/// What several tests of the algorithms share: hexadecimal, repeatable randomness, and a random source that is told.
import CofferCrypto
import CofferMemory

/// The bytes of a hexadecimal text; ends the test when it is none.
func bytes(hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue).map(UInt8.init)
    precondition(digits.count == hex.count && hex.count.isMultiple(of: 2))
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

func array(_ span: borrowing Span<UInt8>) -> [UInt8] { span.indices.map { span[$0] } }

func array(_ secret: borrowing SecretBytes) -> [UInt8] { array(secret.span) }

/// SplitMix64: a generator whose run can be repeated from the seed that the test printed.
struct SeededRandom: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    static func fresh() -> SeededRandom { SeededRandom(seed: UInt64.random(in: 0...UInt64.max)) }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }
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
