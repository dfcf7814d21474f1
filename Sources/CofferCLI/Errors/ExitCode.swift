/// The statuses a Coffer command can end with (docs/cli.md, "Exit codes"); scripts rely on them.

package enum ExitCode: Int32, Sendable {
    case done = 0
    /// Something that has no status of its own: the disk, the system.
    case failed = 1
    case notFound = 2
    case wrongPassword = 3
    case damaged = 4
    /// Locked, and no way to ask for the password.
    case locked = 5
    /// In use, or changed underneath.
    case inUse = 6
    /// A format, KDF or limit this program does not support.
    case unsupported = 7
    /// Two values, and nobody has chosen.
    case conflict = 8
    case refused = 9
    /// `audit --exit-code` found something.
    case findings = 10
    case usage = 64
    /// `run`: the program is there and cannot be run, or is not there.
    case commandNotRun = 126
    case commandNotFound = 127
    case interrupted = 130
    /// Standard output was closed before all was written: what a shell reports for other programs (128 + SIGPIPE).
    case outputClosed = 141
}
