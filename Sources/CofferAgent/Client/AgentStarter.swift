/// Starts the agent where none listens.
import CShims
import CofferVault
import Glibc

package enum AgentStarter {
    /// A started agent says within so long that it listens.
    private static let startSecondsMaximum: Int32 = 10
    private static let pauseMicroseconds: UInt32 = 5_000
    private static let attemptsPerStart = 20
    private static let attemptsMaximum = 800

    /// A connection to the agent, which is started if there is none.
    package static func connection(_ runtimeFolder: String?) throws(AgentError) -> AgentConnection {
        let folder = try RuntimeFolder.find(runtimeFolder, isMade: true)
        do throws(AgentError) {
            return try AgentConnection(folder)
        } catch {
            guard error == .absent else { throw error }
        }
        // Another process may have taken the lock first and not listen yet; or one that was told to end holds it still.
        for attempt in 0..<attemptsMaximum {
            if attempt % attemptsPerStart == 0 { try start(runtimeFolder) }
            do throws(AgentError) {
                return try AgentConnection(folder)
            } catch {
                guard error == .absent else { throw error }
                usleep(pauseMicroseconds)
            }
        }
        throw .absent
    }

    private static func program() throws(AgentError) -> String {
        guard let path = OwnProgram.beside("coffer-agent") else {
            throw .notStarted(path: "/proc/self/exe", errno: errno)
        }
        return path
    }

    /// Blocks that the C library keeps for each thread would not be overwritten when they are freed
    /// (``Hardening/wipeFreedMemory()``).
    private static let wipingAllocator = "GLIBC_TUNABLES=glibc.malloc.tcache_count=0"

    private static func start(_ runtimeFolder: String?) throws(AgentError) {
        let path = try program()
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw .notStarted(path: path, errno: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let runtime = runtimeFolder.map { "XDG_RUNTIME_DIR=" + $0 }
        let variables = [runtime, wipingAllocator].compactMap { $0 }
        let process = unsafe withCStrings(["coffer-agent"]) { arguments in
            unsafe withCStrings(variables) { environment in
                unsafe coffer_start_agent(path, arguments, environment, ends[1])
            }
        }
        let number = errno
        close(ends[1])
        defer { close(ends[0]) }
        guard process > 0 else { throw .notStarted(path: path, errno: number) }
        var polled = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
        var byte: UInt8 = 1
        while true {
            let count = unsafe poll(&polled, 1, startSecondsMaximum * 1000)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .notStarted(path: path, errno: count == 0 ? ETIMEDOUT : errno) }
            guard unsafe read(ends[0], &byte, 1) == 1 else { throw .notStarted(path: path, errno: nil) }
            guard byte == 0 else { throw .notStarted(path: path, errno: Int32(byte)) }
            return
        }
    }
}
