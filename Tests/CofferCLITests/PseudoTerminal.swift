/// A terminal for tests: what a person would see and type.
import Glibc

/// The two ends of a pseudo-terminal. The test is the person; the code under test opens `path`.
final class PseudoTerminal: Sendable {
    struct Unavailable: Error {}

    let descriptor: Int32
    /// Held open, so that the terminal stays when the code under test closes it.
    private let other: Int32
    let path: String

    init() throws {
        var (master, slave): (Int32, Int32) = (-1, -1)
        // Name, settings and size are left to the system.
        guard unsafe openpty(&master, &slave, nil, nil, nil) == 0 else { throw Unavailable() }
        (descriptor, other) = (master, slave)
        // The system's own string, copied at once; nobody else asks for a terminal's name.
        guard let name = unsafe ttyname(slave) else { throw Unavailable() }
        path = unsafe String(cString: name)
    }

    deinit {
        close(descriptor)
        close(other)
    }

    /// Whether what is typed is shown.
    var echoes: Bool {
        var settings = termios()
        unsafe _ = tcgetattr(descriptor, &settings)
        return settings.c_lflag & tcflag_t(ECHO) != 0
    }

    func type(_ text: String) {
        let bytes = Array(text.utf8)
        // The array lives through the call and has this many bytes.
        unsafe _ = write(descriptor, bytes, bytes.count)
    }

    /// What is shown until `text` comes, or what came within ten seconds.
    @discardableResult
    func expect(_ text: String) -> String {
        var seen: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        for _ in 0..<1000 {
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&wait, 1, 10) > 0 else { continue }
            // The array has room for what is asked.
            let count = unsafe read(descriptor, &chunk, chunk.count)
            guard count > 0 else { continue }
            seen += chunk[..<count]
            if String(decoding: seen, as: UTF8.self).contains(text) { break }
        }
        return String(decoding: seen, as: UTF8.self)
    }
}
