/// What the system says of a call that failed.
import Glibc

/// A failed system call, by errno. ``VaultError/system(action:path:errno:)`` adds what was being done.
package struct SystemError: Error, Equatable {
    package let number: Int32

    package static var last: SystemError { SystemError(number: errno) }

    package init(number: Int32) { self.number = number }

    /// The result of a system call that is made again for as long as a signal interrupts it; throws when it is
    /// negative.
    @discardableResult
    package static func check(_ call: () -> Int32) throws(SystemError) -> Int32 {
        var result: Int32
        repeat { result = call() } while result < 0 && errno == EINTR
        guard result >= 0 else { throw .last }
        return result
    }

    /// The system's own words for it.
    package var text: String { unsafe String(cString: strerror(number)) }
}
