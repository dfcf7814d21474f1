/// Puts a hundred thousand titles in order without making strings of them.
import CofferFormat
import CofferVault

enum TitleOrder {
    /// `positions` by title without regard to ASCII case, then by user name, then by id.
    static func sorted(_ positions: [Int], of vault: OpenVault) -> [Int] {
        let records = vault.records
        return vault.withIndexBytes { bytes in
            // Eight bytes decide most comparisons in one step.
            var keyed = positions.map { (key: prefix(bytes, records[$0].layout.title.range), position: $0) }
            keyed.sort { one, two in
                if one.key != two.key { return one.key < two.key }
                let (left, right) = (records[one.position].layout, records[two.position].layout)
                switch compare(bytes, left.title.range, right.title.range) {
                case 0: break
                case let order: return order < 0
                }
                let order = compare(bytes, left.username.range, right.username.range)
                return order == 0 ? one.position < two.position : order < 0
            }
            return keyed.map(\.position)
        }
    }

    private static func prefix(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        var key: UInt64 = 0
        for offset in 0..<8 {
            let index = range.lowerBound + offset
            key = key << 8 | UInt64(index < range.upperBound ? lowercased(bytes[index]) : 0)
        }
        return key
    }

    private static func compare(_ bytes: borrowing Span<UInt8>, _ one: Range<Int>, _ two: Range<Int>) -> Int {
        for offset in 0..<min(one.count, two.count) {
            let left = lowercased(bytes[one.lowerBound + offset])
            let right = lowercased(bytes[two.lowerBound + offset])
            if left != right { return left < right ? -1 : 1 }
        }
        return one.count - two.count
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte + 32 : byte }
}
