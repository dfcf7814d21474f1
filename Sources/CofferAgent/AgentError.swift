/// Why the agent cannot be reached or does not answer. Sentences are made in ErrorReport.swift.

package enum AgentError: Error, Equatable {
    /// There is no private folder for the socket: no XDG_RUNTIME_DIR, and no /run/user folder of this user.
    case noRuntimeFolder
    /// The folder at `path` could be entered or changed by others; `why` says how.
    case folderUnsafe(path: String, why: String)
    /// No agent listens.
    case absent
    /// Something that another user runs answers at the socket, or owns it: nothing was sent.
    case foreign(path: String)
    /// The agent holds no such vault.
    case locked
    /// The agent is of another version and does not understand that.
    case notUnderstood
    /// The secrets of many entries were read within a minute, and the vault was not unlocked for that.
    case tooManyReads
    /// The connection ended, or what came is no answer.
    case broken
    /// The program coffer-agent could not be started; nil where it ended at once without a reason.
    case notStarted(path: String, errno: Int32?)
    /// A system call failed: what was being done, and errno.
    case system(action: String, path: String, errno: Int32)
}
