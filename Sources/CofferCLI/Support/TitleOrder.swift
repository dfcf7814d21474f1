/// Puts a hundred thousand titles in order without making strings of them.
import CofferFormat
import CofferMerge
import CofferVault

enum TitleOrder {
    /// `positions` by title without regard to ASCII case, then by user name, then by id.
    static func sorted(_ positions: [Int], of vault: OpenVault) -> [Int] {
        let records = vault.records
        // Only a purged entry, shown for what is joined into it, has another's title.
        func title(at position: Int) -> Range<Int> {
            let own = records[position].summary
            guard own.state == .purged, let shown = try? vault.title(at: position) else { return own.title.range }
            return shown.range
        }
        return vault.withIndexBytes { bytes in
            var keyed = positions.map { Keyed(position: $0, bytes, title(at: $0)) }
            keyed.sort { one, two in
                if one.first != two.first { return one.first < two.first }
                if one.second != two.second { return one.second < two.second }
                let order = compare(bytes, one.title, two.title)
                if order != 0 { return order < 0 }
                let (left, right) = (records[one.position].summary, records[two.position].summary)
                let nameOrder = compare(bytes, left.username.range, right.username.range)
                return nameOrder == 0 ? one.position < two.position : nameOrder < 0
            }
            return keyed.map(\.position)
        }
    }

    /// An entry with the first sixteen bytes of its title, which decide most comparisons in one or two steps.
    private struct Keyed {
        let first: UInt64
        let second: UInt64
        let position: Int
        let title: Range<Int>

        init(position: Int, _ bytes: borrowing Span<UInt8>, _ title: Range<Int>) {
            self.position = position
            self.title = title
            first = Self.word(bytes, title.lowerBound, title.upperBound)
            second = Self.word(bytes, title.lowerBound + 8, title.upperBound)
        }

        /// Eight bytes from `start` on, the first one most significant; zeros from `end` on.
        private static func word(_ bytes: borrowing Span<UInt8>, _ start: Int, _ end: Int) -> UInt64 {
            var word: UInt64 = 0
            for index in start..<start + 8 {
                word = word << 8 | UInt64(index < end ? lowercased(bytes[index]) : 0)
            }
            return word
        }
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
