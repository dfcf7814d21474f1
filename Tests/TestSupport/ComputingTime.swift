/// The time that something computes, however busy the machine is.
import Glibc

/// In seconds, on this thread alone.
package func computingSeconds(_ work: () -> Void) -> Double {
    func now() -> Double {
        var time = timespec()
        // The structure is this function's own.
        unsafe _ = clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let start = now()
    work()
    return now() - start
}
