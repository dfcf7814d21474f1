/// Clears the clipboard when its time is over, if it still holds what Coffer put there (docs/cli.md, "The clipboard").
import CShims
import CofferCrypto
import CofferMemory
import CofferVault
import Glibc

/// A process of its own that outlives the command. It knows a keyed hash of the value, and not the value.
///
/// It is started before the value is copied, so that no value is ever in the clipboard without it. It hears two things
/// on its standard input: the key with the hash, then one byte when the value has been copied. An end without that byte
/// means that the command was interrupted: it looks at once.
struct ClipboardGuard: ~Copyable {
    /// The first argument of the program when it is to be a guard; no command is called so, and no help shows it.
    static let word = "clipboard-guard"

    /// What the process calls itself.
    private static let name = "coffer"

    private static let keyCount = 32
    private static let hashCount = 32

    // MARK: In the command

    private let pipe: Int32

    /// Starts a guard for `value`, which is about to be copied with `tool`.
    static func start(
        _ value: borrowing Span<UInt8>, by tool: ClipboardTool, seconds: Int
    ) throws(CLIError) -> ClipboardGuard {
        endFormer(display: tool.display)
        // This very program, also when its file has been replaced meanwhile.
        let program = ChildProgram(path: "/proc/self/exe", arguments: [word, String(seconds), tool.display])
        guard let started = try? program.start(withPipeTo: .input, named: name) else { throw .clipboardUnguarded }
        let watch = ClipboardGuard(pipe: started.pipe)
        // What ends here is only the parent of the guard.
        guard (try? started.waitForEnd()) != nil else { throw .clipboardUnguarded }
        let key = SystemRandom().makeSecret(count: keyCount)
        let hash = hash(value, key: key.span)
        var message = SecretBuilder(capacity: keyCount + hashCount)
        message.append(key.span)
        message.append(hash.span)
        try watch.tell(message.span)
        return watch
    }

    private init(pipe: Int32) { self.pipe = pipe }

    deinit { close(pipe) }

    /// Tells it that the value has been copied: its time begins.
    consuming func begin() throws(CLIError) {
        let copied: InlineArray<1, UInt8> = [1]
        try tell(copied.span)
    }

    private func tell(_ bytes: borrowing Span<UInt8>) throws(CLIError) {
        // The pipe has room for the few bytes. The buffer is passed with its length.
        let count = unsafe bytes.withUnsafeBytes { unsafe write(pipe, $0.baseAddress, $0.count) }
        guard count == bytes.count else { throw .clipboardUnguarded }
    }

    /// Has the guards of earlier copies to this display look and end now: the same value, copied again, has its whole
    /// time.
    private static func endFormer(display: String) {
        let former = ((try? Folder.names(in: "/proc")) ?? []).compactMap { pid_t($0) }.filter {
            let words = commandLine(of: $0)
            return words.count == 4 && words[0] == name && words[1] == word && words[3] == display
        }
        for process in former { kill(process, SIGTERM) }
        // They take milliseconds; one whose clipboard program hangs is not waited for any longer.
        for _ in 0..<ChildProgram.secondsMaximum * 1000 {
            guard former.contains(where: { kill($0, 0) == 0 }) else { return }
            usleep(1000)
        }
    }

    /// The program's name and arguments; empty for a process that has none, or is gone.
    private static func commandLine(of process: pid_t) -> [String] {
        guard let file = try? File(opening: "/proc/\(process)/cmdline", O_RDONLY),
            let bytes = try? file.bytes(at: 0, count: 512)
        else { return [] }
        // Every word ends with a zero byte.
        return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    private static func hash(_ value: borrowing Span<UInt8>, key: borrowing Span<UInt8>) -> SecretBytes {
        var hasher = BLAKE2bHasher(key: key, count: hashCount)
        hasher.update(value)
        return hasher.finishSecret()
    }

    // MARK: The process itself

    /// What the program does when its first argument is ``word``; then come the number of seconds and the display, by
    /// which a later copy finds it.
    static func run(_ arguments: [String]) -> ExitCode {
        guard arguments.count == 3, let seconds = UInt32(arguments[1]), isPipe(STDIN_FILENO),
            let tool = ClipboardTool.find()
        else {
            return .usage
        }
        guard coffer_detach() == 0 else { return .failed }
        var key = SecretBytes(zeroed: keyCount)
        var hash = SecretBytes(zeroed: hashCount)
        guard fill(&key), fill(&hash) else { return .failed }
        var copied = SecretBytes(zeroed: 1)
        // Without that byte, or when there is nothing to wait with, the time is over now.
        if fill(&copied) { _ = coffer_wait_guarding(seconds) }
        guard isHeld(hash, key: key, by: tool) else { return .done }
        return (try? tool.clear()) == nil ? .failed : .done
    }

    /// Somebody who tries the word at a terminal is not meant.
    private static func isPipe(_ descriptor: Int32) -> Bool {
        var status = stat()
        // The structure lives through the call.
        return unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    }

    /// Whether the clipboard holds the value of this hash.
    private static func isHeld(
        _ hash: borrowing SecretBytes, key: borrowing SecretBytes, by tool: ClipboardTool
    ) -> Bool {
        var hasher = BLAKE2bHasher(key: key.span, count: hashCount)
        do throws(ChildProgram.Failure) {
            try tool.read { hasher.update($0) }
        } catch {
            return false
        }
        let held = hasher.finishSecret()
        return constantTimeEqual(held.span, hash.span)
    }

    /// Fills `bytes` from standard input; false when it ends before.
    private static func fill(_ bytes: inout SecretBytes) -> Bool {
        var position = 0
        while position < bytes.count {
            var target = bytes.mutableSpan
            // The position is inside the buffer, whose rest is passed with its length.
            let count = unsafe target.withUnsafeMutableBytes {
                unsafe read(STDIN_FILENO, $0.baseAddress! + position, $0.count - position)
            }
            guard count > 0 || (count < 0 && errno == EINTR) else { return false }
            position += max(count, 0)
        }
        return true
    }
}
