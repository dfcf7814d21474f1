/// Takes UTF-8 apart one character at a time, without ever making a String of it.

package enum UTF8Decoding {
    /// One step through text.
    package enum Step: Equatable {
        /// A Unicode scalar value and how many bytes it takes.
        case scalar(UInt32, count: Int)
        /// A byte that belongs to no valid sequence (RFC 3629, section 3).
        case invalid(UInt8)

        package var count: Int {
            switch self {
            case .scalar(_, let count): count
            case .invalid: 1
            }
        }
    }

    /// The step at `position`, which must lie inside `bytes`.
    package static func step(_ bytes: borrowing Span<UInt8>, at position: Int) -> Step {
        let lead = bytes[position]
        let length: Int
        var scalar: UInt32
        let minimum: UInt32
        switch lead {
        case 0x00...0x7F: return .scalar(UInt32(lead), count: 1)
        case 0xC2...0xDF: (length, scalar, minimum) = (2, UInt32(lead & 0x1F), 0x80)
        case 0xE0...0xEF: (length, scalar, minimum) = (3, UInt32(lead & 0x0F), 0x800)
        case 0xF0...0xF4: (length, scalar, minimum) = (4, UInt32(lead & 0x07), 0x10000)
        default: return .invalid(lead)
        }
        guard length <= bytes.count - position else { return .invalid(lead) }
        for offset in 1..<length {
            let next = bytes[position + offset]
            guard next & 0xC0 == 0x80 else { return .invalid(lead) }
            scalar = scalar << 6 | UInt32(next & 0x3F)
        }
        let isSurrogate = (0xD800...0xDFFF).contains(scalar)
        guard scalar >= minimum, scalar <= 0x10FFFF, !isSurrogate else { return .invalid(lead) }
        return .scalar(scalar, count: length)
    }
}

extension String {
    /// The text of `bytes`, which are not secret; what is not UTF-8 is replaced.
    package init(decoding bytes: borrowing Span<UInt8>) {
        // The buffer is only read during the call.
        self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
