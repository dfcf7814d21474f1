/// Measures time, and takes medians.
import CofferCrypto

enum Stopwatch {
    /// Nanoseconds since an arbitrary moment.
    static func now() -> UInt64 { MonotonicClock.nanoseconds() }

    /// How long `work` took, in milliseconds.
    static func milliseconds(_ work: () throws -> Void) rethrows -> Double {
        let start = now()
        try work()
        return Double(now() - start) / 1e6
    }

    /// The median time of `runs` runs in milliseconds, after one more that fills the caches.
    static func median(runs: Int, _ work: () throws -> Void) rethrows -> Double {
        try work()
        return median(try (0..<runs).map { _ in try milliseconds(work) })
    }

    /// The middle one, or the mean of the two in the middle; 0 when there are none.
    static func median(_ samples: [Double]) -> Double {
        guard !samples.isEmpty else { return 0 }
        let sorted = samples.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
