/// Finds the cost of a key derivation that takes a given time on this machine (docs/format.md, "Key slot").
import CofferMemory
import Glibc

/// A clock that never goes back; a parameter, so that tests can hold it still.
package enum MonotonicClock {
    /// Nanoseconds since an arbitrary moment.
    package static func nanoseconds() -> UInt64 {
        var now = timespec()
        unsafe _ = clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    }
}

extension PBKDF2 {
    /// How many iterations take `seconds` on this machine, kept within ``KDFLimits``. Measures for about 60 ms.
    package static func calibrate(
        _ algorithm: HashAlgorithm, seconds: Double, clock: () -> UInt64 = MonotonicClock.nanoseconds
    ) -> Int {
        let password = [UInt8](repeating: 0x63, count: 16)
        let salt = [UInt8](repeating: 0x73, count: 32)
        return KDFCalibration.iterations(seconds: seconds, clock: clock) { iterations in
            _ = derive(
                algorithm, password: password.span, salt: salt.span, iterations: iterations,
                outputCount: algorithm.outputCount)
        }
    }
}

extension Argon2id {
    /// How many passes over `memoryKiB` of memory take `seconds` on this machine, kept within ``KDFLimits``.
    ///
    /// Measures one and two passes over the smallest memory that a slot may have, some 150 ms, for the first pass
    /// also pays for the memory. Throws ``CryptoError/outOfMemory`` when not even that much is there.
    package static func calibrate(
        memoryKiB: Int = KDFLimits.argon2MemoryDefaultKiB, seconds: Double,
        clock: () -> UInt64 = MonotonicClock.nanoseconds
    ) throws(CryptoError) -> Int {
        let password = [UInt8](repeating: 0x63, count: 16)
        let salt = [UInt8](repeating: 0x73, count: saltCount)
        let measuredKiB = KDFLimits.argon2MemoryMinimumKiB
        var elapsed: [Double] = []
        for passes in 1...2 {
            let start = clock()
            _ = try derive(
                password: password.span, salt: salt.span, passes: passes, memoryKiB: measuredKiB, outputCount: 32)
            elapsed.append(KDFCalibration.seconds(from: start, to: clock()))
        }
        let scale = Double(memoryKiB) / Double(measuredKiB)
        return KDFCalibration.passes(seconds: seconds, first: elapsed[0] * scale, both: elapsed[1] * scale)
    }
}

/// The arithmetic of calibration, apart from the derivations it measures.
enum KDFCalibration {
    private static let roundCount = 4
    private static let roundSeconds = 0.015
    /// So few iterations only tell how many make a round.
    private static let probeIterations = 2_000

    /// The iterations that take `seconds`, by the fastest of some short rounds of `run`.
    ///
    /// The fastest counts, because a round can be slowed down by other programs but never sped up.
    static func iterations(seconds: Double, clock: () -> UInt64, run: (Int) -> Void) -> Int {
        func measuredRate(_ iterations: Int) -> Double {
            let start = clock()
            run(iterations)
            return Double(iterations) / self.seconds(from: start, to: clock())
        }
        let probedRate = measuredRate(probeIterations)
        let roundIterations = clamped(probedRate * roundSeconds, to: probeIterations...KDFLimits.iterationsMinimum)
        var rate = probedRate
        for _ in 0..<roundCount { rate = max(rate, measuredRate(roundIterations)) }
        return clamped(rate * seconds, to: KDFLimits.iterationsMinimum...KDFLimits.iterationsMaximum)
    }

    /// The passes that take `seconds`, when one takes `first` seconds and two take `both`.
    static func passes(seconds: Double, first: Double, both: Double) -> Int {
        // A second pass that seems to cost nothing is a fault of measuring.
        let further = max(both - first, both / 4)
        return clamped(
            1 + (seconds - first) / further, to: KDFLimits.argon2PassesMinimum...KDFLimits.argon2PassesMaximum)
    }

    /// The time between two readings of a clock, at least a nanosecond.
    static func seconds(from start: UInt64, to end: UInt64) -> Double {
        Double(max(end > start ? end - start : 0, 1)) / 1e9
    }

    /// `number` without its fraction, kept in `range`; the lower bound when it is no number.
    private static func clamped(_ number: Double, to range: ClosedRange<Int>) -> Int {
        guard number > Double(range.lowerBound) else { return range.lowerBound }
        guard number < Double(range.upperBound) else { return range.upperBound }
        return Int(number)
    }
}
