/// Asks another program: starts it, gives it a text, takes its lines.
import Glibc

/// Another program that answers questions.
struct OtherProgram {
    /// What went wrong with it, in words for a person.
    struct Failure: Error, CustomStringConvertible { let description: String }

    let path: String

    /// The program called `name` in the folders of PATH.
    init(named name: String, remedy: String) throws {
        // The environment is not changed while tests run.
        var folders = "/usr/bin:/bin"
        if let variable = unsafe getenv("PATH") { folders = unsafe String(cString: variable) }
        // The names are C strings for the length of each call.
        let candidates = folders.split(separator: ":").map { "\($0)/\(name)" }
        guard let path = candidates.first(where: { unsafe access($0, X_OK) == 0 }) else {
            throw Failure(description: "\(name) is not installed; \(remedy)")
        }
        self.path = path
    }

    /// The lines it prints for these arguments and this standard input, which must fit a socket's buffer.
    func lines(_ arguments: [String], input: String) throws -> [String] {
        // One socket pair, closed on exec from the start, so that programs that other tests start do not inherit it.
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw Failure(description: "no socket pair: errno \(errno)")
        }
        let (ours, theirs) = (ends[0], ends[1])
        defer { close(ours) }
        let process: pid_t
        do {
            defer { close(theirs) }
            process = try start(arguments, inputAndOutput: theirs)
        }
        let bytes = Array(input.utf8)
        // The bytes live until the call returns.
        _ = unsafe bytes.withUnsafeBytes { unsafe write(ours, $0.baseAddress, $0.count) }
        shutdown(ours, Int32(SHUT_WR))
        let output = Self.readAll(ours)
        var exit: Int32 = 0
        while unsafe waitpid(process, &exit, 0) < 0, errno == EINTR {}
        guard exit == 0 else {
            throw Failure(description: "\(path) \(arguments.joined(separator: " ")): status \(exit)")
        }
        return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private func start(_ arguments: [String], inputAndOutput: Int32) throws -> pid_t {
        // The actions live in this frame, are destroyed once, and name a descriptor that is open until then.
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, inputAndOutput, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, inputAndOutput, 1)
        // Every argument is a C string of its own, freed here; the list ends with nil.
        var list = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe list.indices { unsafe free(list[index]) } }
        var process: pid_t = 0
        let status = unsafe posix_spawn(&process, path, &actions, nil, &list, environ)
        guard status == 0 else { throw Failure(description: "\(path) does not start: errno \(status)") }
        return process
    }

    private static func readAll(_ descriptor: Int32) -> [UInt8] {
        var output: [UInt8] = []
        var portion = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe portion.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return output }
            output += portion[..<count]
        }
    }
}

/// The folder of the tests' sources, where Independent/otp.py lies.
let testsFolder: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(2).joined(separator: "/") + "/"
}()
