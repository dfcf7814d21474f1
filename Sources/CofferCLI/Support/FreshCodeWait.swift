/// Waits until a code is valid for long enough to be typed.
import CofferOTP
import CofferVault
import Glibc

struct FreshCodeWait {
    /// How long the code must be valid at least.
    let seconds: Int
    /// Seconds since 1970.
    let now: @Sendable () -> UInt64

    /// How long a code that is handed on is valid at least: typing it, or a command's way to a cloud, takes its time.
    private static let handedOnSeconds = 10

    /// Waits until a code can be handed on; half its period is enough where that is shorter.
    static func wait(toHandOn code: TimedCode, now: @escaping @Sendable () -> UInt64) throws {
        try FreshCodeWait(seconds: min(handedOnSeconds, (code.periodSeconds + 1) / 2), now: now).wait(code)
    }

    /// Refuses at once what no code of this period can give.
    func wait(_ code: TimedCode) throws {
        var isFirst = true
        while true {
            let time = Int64(clamping: now())
            let missing = try TOTP.secondsUntilFresh(
                periodSeconds: code.periodSeconds, seconds: seconds, atUnixSeconds: time)
            guard missing > 0 else { return }
            if isFirst && Output.messages.isTerminal {
                Output.message("Waiting \(missing) s for a code that is valid for \(seconds) s …")
            }
            isFirst = false
            Self.sleep(untilUnixSeconds: time + Int64(missing))
        }
    }

    /// By the clock that the codes go by, so that a suspended or corrected machine wakes in time.
    private static func sleep(untilUnixSeconds seconds: Int64) {
        var end = timespec(tv_sec: time_t(seconds), tv_nsec: 0)
        // The structure lives through the call; a signal that ends the sleep early only makes the caller look again.
        _ = unsafe clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &end, nil)
    }
}
