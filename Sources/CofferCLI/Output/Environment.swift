/// Reads environment variables that say how to behave; no secret is ever taken from there.
import Glibc

package enum Environment {
    /// The value of the variable, nil when it is not set. Bytes that are not UTF-8 are replaced.
    package static func value(_ name: String) -> String? {
        // getenv returns a terminated string of the process, copied at once.
        guard let text = unsafe getenv(name) else { return nil }
        return unsafe String(cString: text)
    }

    /// The value of a variable that names a place; one that is not UTF-8 is refused: repaired, it would name another.
    package static func path(_ name: String) throws(CLIError) -> String? {
        guard let text = unsafe getenv(name) else { return nil }
        // As above.
        guard let path = unsafe String(validatingCString: text) else {
            throw .usage(
                why: "The variable \(name) is not UTF-8 text; nothing was changed.",
                remedy: "Name the vault by a path in UTF-8.")
        }
        return path
    }
}
