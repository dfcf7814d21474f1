/// The program `coffer-agent`: takes the socket, says that it is there, serves.
import CShims
import CofferMemory
import CofferVault
import Glibc

package enum AgentProgram {
    /// Where whoever starts the agent waits for a byte: a zero when it serves, another when it does not.
    static let readyDescriptor: Int32 = 3
    /// Where systemd passes the first socket (sd_listen_fds(3)).
    private static let passedDescriptor: Int32 = 3

    package static func main() -> Never {
        guard coffer_argument_count() <= 1 else { explain() }
        _ = coffer_notice_end_signals()
        if isSocketPassed {
            _ = fcntl(passedDescriptor, F_SETFD, FD_CLOEXEC)
            AgentServer(listener: passedDescriptor, folder: nil, clock: .system).run()
            exit(0)
        }
        _ = fcntl(readyDescriptor, F_SETFD, FD_CLOEXEC)
        do throws(AgentError) {
            let folder = try RuntimeFolder.find(AgentEnvironment.runtimeFolder, isMade: true)
            guard let lock = try takeLock(folder) else {
                // Another agent serves already.
                say(0)
                exit(0)
            }
            let server = AgentServer(listener: try listen(folder), folder: folder, clock: .system)
            say(0)
            server.run()
            _ = consume lock
            exit(0)
        } catch {
            // Any other reason the program that starts it has found itself.
            if case .system(_, _, let number) = error { say(UInt8(truncatingIfNeeded: number)) }
            exit(1)
        }
    }

    /// For a person who calls it.
    private static func explain() -> Never {
        let isVersion = unsafe coffer_argument(1).map { unsafe String(cString: $0) } == "--version"
        let text =
            isVersion
            ? "coffer-agent \(CofferVersion.text)\n"
            : "coffer-agent holds unlocked vaults and takes no arguments. Start it: coffer unlock\n"
        var bytes = Array(text.utf8)
        // Nothing is to be done where it cannot be told.
        _ = unsafe write(isVersion ? STDOUT_FILENO : STDERR_FILENO, &bytes, bytes.count)
        exit(isVersion ? 0 : 64)
    }

    /// Nil when another process holds it: of two that start at once, one serves.
    private static func takeLock(_ folder: RuntimeFolder) throws(AgentError) -> File? {
        do throws(SystemError) {
            let file = try File(opening: folder.lockPath, O_RDWR | O_CREAT | O_NOFOLLOW)
            guard flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 else {
                guard errno == EWOULDBLOCK else { throw .last }
                return nil
            }
            return file
        } catch {
            throw .system(action: "lock", path: folder.lockPath, errno: error.number)
        }
    }

    /// Only the holder of the lock listens, so what lies there is of an agent that is no more.
    private static func listen(_ folder: RuntimeFolder) throws(AgentError) -> Int32 {
        try? Folder.remove(folder.socketPath)
        let listener = unsafe coffer_socket_listen(folder.socketPath, backlog)
        guard listener >= 0 else { throw .system(action: "listen on", path: folder.socketPath, errno: errno) }
        return listener
    }

    private static let backlog: Int32 = 64

    private static func say(_ byte: UInt8) {
        var byte = byte
        // Whoever waits gets one byte; nobody may be waiting.
        unsafe _ = write(readyDescriptor, &byte, 1)
        close(readyDescriptor)
    }

    private static var isSocketPassed: Bool {
        AgentEnvironment.text("LISTEN_PID") == "\(getpid())" && AgentEnvironment.text("LISTEN_FDS") == "1"
    }
}
