/// Finds titles without looking at all of them: for a process that is asked often (docs/agent.md, "Requests").
import CofferFormat

/// The positions of the records by the hashes of their titles. Hashes are of this process only, and tell where to look: the title
/// itself decides.
struct TitleTable {
    private struct Place {
        let hash: Int
        let position: Int
    }

    /// Ascending by hash.
    private let places: [Place]

    init(_ records: [IndexRecord], _ bytes: borrowing Span<UInt8>) {
        var places: [Place] = []
        places.reserveCapacity(records.count)
        for (position, record) in records.enumerated() {
            var hasher = Hasher()
            for offset in record.summary.title.range { hasher.combine(bytes[offset]) }
            places.append(Place(hash: hasher.finalize(), position: position))
        }
        self.places = places.sorted { ($0.hash, $0.position) < ($1.hash, $1.position) }
    }

    /// The positions, ascending, at which `title` may stand.
    func positions(of title: [UInt8]) -> [Int] {
        var hasher = Hasher()
        for byte in title { hasher.combine(byte) }
        let hash = hasher.finalize()
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle].hash < hash { low = middle + 1 } else { high = middle }
        }
        return places[low...].prefix { $0.hash == hash }.map(\.position)
    }
}
