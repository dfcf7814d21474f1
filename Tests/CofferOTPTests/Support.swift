/// What several tests of one-time passwords share: bytes and repeatable randomness.
import CofferCrypto
import CofferMemory
import CofferOTP
import TestSupport

func secret(_ text: String) -> SecretBytes { SecretBytes(copying: Array(text.utf8)) }

func slice(_ text: String) -> SecretSlice { SecretSlice(secret(text)) }

func text(_ span: borrowing Span<UInt8>) -> String { String(decoding: array(span), as: UTF8.self) }

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

extension SeededRandom {
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
