/// Reads environment variables that say how to behave; no secret is ever taken from there.
import Glibc

package enum Environment {
    /// The value of the variable, nil when it is not set. Bytes that are not UTF-8 are replaced.
    package static func value(_ name: String) -> String? {
        // getenv returns a terminated string of the process, copied at once.
        guard let text = unsafe getenv(name) else { return nil }
        return unsafe String(cString: text)
    }
}
