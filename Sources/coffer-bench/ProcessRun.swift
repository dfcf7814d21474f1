/// Runs another program once and tells its time and its memory.
import CofferVault
import Glibc

/// What one run of a program took.
struct ProcessRun {
    /// From just before the process was made until it had ended.
    let milliseconds: Double
    /// The most memory that was resident at one time (getrusage(2)).
    let peakMebibytes: Double
    /// The exit status; 128 and the signal's number when a signal ended it.
    let status: Int32

    /// A file to read from under a given descriptor.
    struct Input {
        let descriptor: Int32
        let path: String
    }

    /// Runs `arguments` (the first is the program's path) with just `environment`, its output thrown away.
    ///
    /// Until the new program is loaded the child shares this process's memory, and the kernel counts that as the
    /// child's peak too: measure memory from a small process only.
    static func run(_ arguments: [String], inputs: [Input], environment: [String]) throws -> ProcessRun {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe _ = posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for output in [STDOUT_FILENO, STDERR_FILENO] {
            unsafe posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0)
        }
        for input in inputs {
            unsafe posix_spawn_file_actions_addopen(&actions, input.descriptor, input.path, O_RDONLY, 0)
        }

        var process: pid_t = 0
        let start = Stopwatch.now()
        let failure = unsafe withCStrings(arguments) { argv in
            unsafe withCStrings(environment) { envp in
                // Both arrays end with nil, and outlive the call.
                unsafe posix_spawn(&process, argv[0]!, &actions, nil, argv, envp)
            }
        }
        guard failure == 0 else { throw SystemError(number: failure) }
        var status: Int32 = 0
        var usage = rusage()
        while unsafe wait4(process, &status, 0, &usage) < 0 {
            guard errno == EINTR else { throw SystemError.last }
        }
        let end = Stopwatch.now()
        let signal = status & 0x7F
        return ProcessRun(
            milliseconds: Double(end - start) / 1e6, peakMebibytes: Double(usage.ru_maxrss) / 1024,
            status: signal == 0 ? status >> 8 & 0xFF : 128 + signal)
    }
}
