/// What several tests of one-time passwords share: bytes and repeatable randomness.
import CofferCrypto
import CofferMemory
import CofferOTP

func secret(_ text: String) -> SecretBytes { SecretBytes(copying: Array(text.utf8)) }

func slice(_ text: String) -> SecretSlice { SecretSlice(secret(text)) }

func array(_ span: borrowing Span<UInt8>) -> [UInt8] { span.indices.map { span[$0] } }

func text(_ span: borrowing Span<UInt8>) -> String { String(decoding: array(span), as: UTF8.self) }

func array(_ bytes: borrowing SecretBytes) -> [UInt8] { array(bytes.span) }

func text(_ bytes: borrowing SecretBytes) -> String { text(bytes.span) }

func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}

/// The error that `work` throws, or nil when it succeeds.
func failure(_ work: () throws(OTPError) -> Void) -> OTPError? {
    do {
        try work()
        return nil
    } catch {
        return error
    }
}

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

    mutating func bytes(_ range: ClosedRange<Int>) -> [UInt8] {
        (0..<Int.random(in: range, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    /// A number whose size is spread over all powers of two up to 2^`bits` − 1.
    mutating func number(bits: Int) -> UInt64 {
        let width = Int.random(in: 0...bits, using: &self)
        return width == 0 ? 0 : UInt64.random(in: 0...UInt64.max, using: &self) >> UInt64(64 - width)
    }
}

extension HashAlgorithm {
    var name: String {
        switch self {
        case .sha1: "sha1"
        case .sha256: "sha256"
        case .sha512: "sha512"
        }
    }
}
