/// Time that goes on while the machine sleeps (CLOCK_BOOTTIME), and time that does not.
import Glibc

package struct BootClock: Sendable {
    /// Seconds since the machine started, its sleep included.
    package let bootSeconds: @Sendable () -> Double
    /// The same without its sleep.
    package let awakeSeconds: @Sendable () -> Double

    package init(bootSeconds: @escaping @Sendable () -> Double, awakeSeconds: @escaping @Sendable () -> Double) {
        self.bootSeconds = bootSeconds
        self.awakeSeconds = awakeSeconds
    }

    package static let system = BootClock(
        bootSeconds: { seconds(CLOCK_BOOTTIME) }, awakeSeconds: { seconds(CLOCK_MONOTONIC) })

    /// How long the machine has slept in all.
    var sleptSeconds: Double { bootSeconds() - awakeSeconds() }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        // The structure lives through the call.
        _ = unsafe clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
