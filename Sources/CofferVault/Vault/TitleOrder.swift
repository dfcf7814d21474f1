/// Puts a hundred thousand titles in order without making strings of them.
import CofferFormat
import CofferMerge

enum TitleOrder {
    /// `positions` by title without regard to ASCII case, then by user name, then by id.
    static func sorted(_ positions: [Int], of vault: OpenVault) -> [Int] {
        let records = vault.records
        return vault.withIndexBytes { bytes in
            var keyed = positions.map { position in
                // Where joined entries do not open, the first one's own title has to do.
                let own = records[position].summary
                let names = (try? vault.shownNames(at: position)) ?? (title: own.title, username: own.username)
                return Keyed(position: position, bytes, names.title.range, username: names.username.range)
            }
            keyed.sort { one, two in
                if one.first != two.first { return one.first < two.first }
                if one.second != two.second { return one.second < two.second }
                let order = compare(bytes, one.title, two.title)
                if order != 0 { return order < 0 }
                let nameOrder = compare(bytes, one.username, two.username)
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
        let username: Range<Int>

        init(position: Int, _ bytes: borrowing Span<UInt8>, _ title: Range<Int>, username: Range<Int>) {
            self.position = position
            self.title = title
            self.username = username
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
