import CofferFormat
import CofferMemory
import TestSupport
import Testing

@testable import CofferExchange

@Suite struct ConversionReplyTests {
    private static func slice(_ bytes: [UInt8]) -> SecretSlice { SecretSlice(copying: bytes) }

    private static let replies: [ConversionReply] = [
        .symbols([]), .symbols([slice([1, 2, 3]), slice([])]),
        .modules(width: 21, slice((0..<441).map { UInt8($0 % 2) })),
        .picture(slice([0x89, 0x50])), .walls([13, 0, 13]), .refused(.tooManyPixels),
        .clouds(slice([0x80]), asked: ["password"]), .refusedText(TextFailure(line: 7, reason: .commandSubstitution)),
    ]

    private func bytes(_ reply: ConversionReply) -> [UInt8] {
        let serialized = reply.serialize()
        return (0..<serialized.count).map { serialized.span[$0] }
    }

    private func parse(_ bytes: [UInt8]) -> Result<ConversionReply, FormatError> {
        do throws(FormatError) {
            return .success(try ConversionReply.parse(SecretBytes(copying: bytes)))
        } catch {
            return .failure(error)
        }
    }

    @Test func `a reply comes out of the pipe as it went in`() {
        for reply in Self.replies { #expect(parse(bytes(reply)) == .success(reply)) }
    }

    @Test func `every reason has a number of its own that both sides know`() {
        for refusal in ConversionRefusal.allCases {
            #expect(parse(bytes(.refused(refusal))) == .success(.refused(refusal)))
        }
        for refusal in TextRefusal.allCases {
            #expect(
                parse(bytes(.refusedText(TextFailure(line: 1, reason: refusal))))
                    == .success(.refusedText(TextFailure(line: 1, reason: refusal))))
        }
    }

    @Test func `a reply that was cut, or has more behind it, is refused`() {
        for reply in Self.replies {
            let whole = bytes(reply)
            for count in 0..<whole.count {
                #expect(throws: FormatError.self) { try parse(Array(whole[..<count])).get() }
            }
            #expect(throws: FormatError.self) { try parse(whole + [0]).get() }
        }
    }

    @Test func `a flipped bit is another reply or none, and never a trap`() {
        for reply in Self.replies {
            let whole = bytes(reply)
            for place in whole.indices {
                for bit in 0..<8 {
                    var flipped = whole
                    flipped[place] ^= 1 << bit
                    if case .success(let other) = parse(flipped) { #expect(bytes(other) == flipped) }
                }
            }
        }
    }

    @Test(arguments: [
        // More modules than a QR code has, fewer than it says, a colour that is none.
        ([0x83, 0x02, 0x18, 0xB2, 0x40] as [UInt8], FormatError.limit("modules of a QR code")),
        ([0x83, 0x02, 0x15, 0x43, 0, 1, 1], .unexpected),
        ([0x83, 0x02, 0x15, 0x59, 0x01, 0xB9] + [UInt8](repeating: 2, count: 441), .unexpected),
        // Widths that no code has.
        ([0x83, 0x02, 0x00, 0x40], .unexpected), ([0x83, 0x02, 0x16, 0x40], .unexpected),
        // Reasons and kinds that nobody knows.
        ([0x82, 0x05, 0x00], .unexpected), ([0x82, 0x05, 0x18, 0x63], .unexpected),
        ([0x82, 0x18, 0x63, 0x00], .unexpected),
        ([0x80], .unexpected), ([0xA0], .unexpected), ([], .truncated),
        // A setting's name that is none.
        ([0x83, 0x06, 0x41, 0x80, 0x61, 0x2D], .invalidText),
    ])
    func `a reply that cannot be is refused`(bytes: [UInt8], error: FormatError) {
        #expect(parse(bytes) == .failure(error))
    }
}
