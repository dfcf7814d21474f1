/// Finds the names that somebody probably meant: commands, options, titles, fields.

package enum NearNames {
    /// The names of `candidates` nearest to `name`, best first: those that contain it or are in it, and those a few
    /// slips
    /// away.
    ///
    /// A slip is a letter left out, put in, changed, or swapped with its neighbour; a third of the letters may be
    /// slips. Upper and lower case are the same.
    package static func nearest(
        to name: String, among candidates: some Sequence<String>, limit: Int = 3
    ) -> [String] {
        let wanted = folded(name)
        guard !wanted.isEmpty, wanted.count <= 256 else { return [] }
        let slipsMaximum = max(1, wanted.count / 3)
        var best: [(rank: Int, name: String)] = []
        for candidate in candidates {
            let letters = folded(candidate)
            guard letters.count <= 256, let rank = rank(wanted, letters, slipsMaximum) else { continue }
            let isBetter = best.count < limit || rank < best[best.count - 1].rank
            guard isBetter else { continue }
            let place = best.firstIndex { rank < $0.rank } ?? best.count
            best.insert((rank, candidate), at: place)
            if best.count > limit { best.removeLast() }
        }
        return best.map(\.name)
    }

    /// Smaller is nearer; nil is not near at all.
    private static func rank(_ wanted: [UInt8], _ letters: [UInt8], _ slipsMaximum: Int) -> Int? {
        if wanted.count >= 2 && letters.count > wanted.count && contains(letters, wanted) {
            // A longer name with the wanted one in it: as near as one slip, or nearer where that is a third of what was typed; the shorter
            // the nearer among equals.
            return (wanted.count <= 3 ? 500 : 1000) + letters.count
        }
        if letters.count >= 3 && wanted.count > letters.count && contains(wanted, letters) {
            // More was typed than the name has: the more of it the name is, the nearer.
            return 2000 + wanted.count - letters.count
        }
        guard abs(wanted.count - letters.count) <= slipsMaximum else { return nil }
        let slips = slips(wanted, letters)
        return slips <= slipsMaximum ? slips * 1000 : nil
    }

    /// The slips between two names: the optimal string alignment distance.
    package static func slips(_ left: String, _ right: String) -> Int { slips(folded(left), folded(right)) }

    private static func slips(_ left: [UInt8], _ right: [UInt8]) -> Int {
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var beforePrevious = [Int](repeating: 0, count: right.count + 1)
        var previous = Array(0...right.count)
        var current = beforePrevious
        for row in 1...left.count {
            current[0] = row
            for column in 1...right.count {
                let cost = left[row - 1] == right[column - 1] ? 0 : 1
                var least = min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + cost)
                if row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1] {
                    least = min(least, beforePrevious[column - 2] + 1)
                }
                current[column] = least
            }
            (beforePrevious, previous, current) = (previous, current, beforePrevious)
        }
        return previous[right.count]
    }

    private static func contains(_ letters: [UInt8], _ part: [UInt8]) -> Bool {
        for start in 0...(letters.count - part.count)
        where letters[start] == part[0] && letters[start..<(start + part.count)].elementsEqual(part) {
            return true
        }
        return false
    }

    /// The bytes with ASCII letters in lower case: other letters count as several slips, which is near enough.
    private static func folded(_ name: String) -> [UInt8] {
        name.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 + 32 : $0 }
    }
}
