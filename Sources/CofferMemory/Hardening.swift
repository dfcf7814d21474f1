/// The first thing every Coffer program does (docs/threat-model.md, "Process").
import CShims
import Glibc

package enum Hardening {
    /// Makes a crash silent and a dump impossible.
    ///
    /// The Swift runtime's crash printer shows memory, and so secrets: the fatal signals get their default action.
    package static func harden() {
        // What `run` starts gets back what the caller had set.
        coffer_remember_caller()
        for fatal in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGQUIT] { _ = signal(fatal, SIG_DFL) }
        // A pipe that closes early is an error of write(2), not the end of a save.
        _ = signal(SIGPIPE, SIG_IGN)
        // So is a file that reaches the limit on file sizes.
        _ = signal(SIGXFSZ, SIG_IGN)
        forbidCores()
        _ = coffer_forbid_dumps()
        umask(0o077)
    }

    /// The soft limit alone: the other one could not be given back to a program that takes our place.
    private static func forbidCores() {
        let core = __rlimit_resource_t(RLIMIT_CORE.rawValue)
        var limit = rlimit()
        // The structure lives through both calls.
        guard unsafe getrlimit(core, &limit) == 0 else { return }
        limit.rlim_cur = 0
        unsafe _ = setrlimit(core, &limit)
    }

    /// Makes the C library overwrite what is freed: for a process that lives on after its secrets.
    package static func wipeFreedMemory() { coffer_wipe_freed_memory() }
}
