/// The recovery key and how it is written (docs/format.md, "Recovery key").
package import CofferCrypto
package import CofferMemory

/// Why a text is no recovery key.
package enum RecoveryKeyError: Error, Equatable {
    /// Not `CR1-` and nine groups of four symbols.
    case malformed
    /// The last group does not belong to the others: a typing mistake.
    case checksumMismatch
}

/// 160 random bits, written as `CR1-` and nine groups of Crockford base32; the last group is a checksum.
package struct RecoveryKey: ~Copyable, Sendable {
    package static let byteCount = 20
    package static let groupCount = 9
    private static let symbolsPerGroup = 4
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    package let bytes: SecretBytes

    package static func make(random: some CofferCrypto.RandomSource) -> RecoveryKey {
        RecoveryKey(bytes: random.makeSecret(count: byteCount))
    }

    private init(bytes: consuming SecretBytes) { self.bytes = bytes }

    /// Reads what a person typed: case, blanks and hyphens do not matter, and `O`, `I`, `L` are read as digits.
    package static func parse(_ text: borrowing Span<UInt8>) throws(RecoveryKeyError) -> RecoveryKey {
        var symbols = SecretBuilder(capacity: 64)
        for index in 0..<text.count {
            let byte = text[index]
            if blanks.contains(byte) { continue }
            guard symbols.count < 3 + groupCount * symbolsPerGroup else { throw .malformed }
            symbols.append(asPrinted(byte))
        }
        guard symbols.count == 3 + groupCount * symbolsPerGroup else { throw .malformed }
        let prefix = Array("CR1".utf8)
        for index in 0..<3 where symbols.span[index] != prefix[index] { throw .malformed }

        var bytes = SecretBytes(zeroed: byteCount)
        var checksum: UInt32 = 0
        for position in 0..<groupCount * symbolsPerGroup {
            guard let value = value(of: symbols.span[3 + position]) else { throw .malformed }
            if position < 32 {
                var target = bytes.mutableSpan
                let bit = position * 5
                let shifted = UInt16(value) << UInt16(11 - bit % 8)
                target[bit / 8] |= UInt8(shifted >> 8)
                if bit % 8 > 3 { target[bit / 8 + 1] |= UInt8(shifted & 0xFF) }
            } else {
                checksum = checksum << 5 | UInt32(value)
            }
        }
        guard checksum == self.checksum(bytes.span) else { throw .checksumMismatch }
        return RecoveryKey(bytes: bytes)
    }

    /// Whether `typed` is group `group`, from 0, of a key's printed `text`; it is read as ``parse(_:)`` reads.
    package static func isGroup(
        _ typed: borrowing Span<UInt8>, _ group: Int, of text: borrowing Span<UInt8>
    ) -> Bool {
        let start = 4 + group * (symbolsPerGroup + 1)
        var symbols = SecretBuilder(capacity: 16)
        for index in 0..<typed.count where !blanks.contains(typed[index]) {
            guard symbols.count < symbolsPerGroup else { return false }
            symbols.append(asPrinted(typed[index]))
        }
        return constantTimeEqual(symbols.span, text.extracting(start..<start + symbolsPerGroup))
    }

    private static let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D, 0x2D]

    /// A typed symbol as it would be printed: upper case, and look-alikes as the digits that they stand for.
    private static func asPrinted(_ byte: UInt8) -> UInt8 {
        let symbol = byte >= 0x61 && byte <= 0x7A ? byte - 0x20 : byte
        return switch symbol {
        case UInt8(ascii: "O"): UInt8(ascii: "0")
        case UInt8(ascii: "I"), UInt8(ascii: "L"): UInt8(ascii: "1")
        default: symbol
        }
    }

    /// The key as it is printed: `CR1-XXXX-…`.
    package func text() -> SecretBytes {
        var text = SecretBuilder(capacity: 64)
        text.append("CR1")
        for group in 0..<Self.groupCount {
            text.append(UInt8(ascii: "-"))
            for symbol in 0..<Self.symbolsPerGroup { text.append(symbolAt(group * Self.symbolsPerGroup + symbol)) }
        }
        return text.finish()
    }

    private func symbolAt(_ position: Int) -> UInt8 {
        guard position < 32 else {
            let shift = UInt32(15 - 5 * (position - 32))
            return Self.alphabet[Int(Self.checksum(bytes.span) >> shift & 31)]
        }
        let bit = position * 5
        let next = bit / 8 + 1 < Self.byteCount ? UInt16(bytes.span[bit / 8 + 1]) : 0
        let pair = UInt16(bytes.span[bit / 8]) << 8 | next
        return Self.alphabet[Int(pair >> UInt16(11 - bit % 8) & 31)]
    }

    private static func value(of symbol: UInt8) -> UInt8? {
        alphabet.firstIndex(of: symbol).map { UInt8($0) }
    }

    /// Twenty bits.
    private static func checksum(_ bytes: borrowing Span<UInt8>) -> UInt32 {
        var hasher = BLAKE2bHasher(count: 32)
        hasher.update(Array("coffer/1 recovery key checksum".utf8).span)
        hasher.update(bytes)
        let hash = hasher.finish()
        return UInt32(hash[0]) << 12 | UInt32(hash[1]) << 4 | UInt32(hash[2]) >> 4
    }
}
