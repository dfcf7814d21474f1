/// Another program that does one small thing for us, in a bounded time.
import CShims
import CofferMemory
import CofferVault
import Glibc

/// A program with its arguments, none of which is secret: other users can see them.
struct ChildProgram {
    enum Failure: Error {
        case notStarted(errno: Int32)
        /// It ended with another status than 0.
        case failed
        /// It was ended because it took longer than it may.
        case timedOut
    }

    static let secondsMaximum = 5

    let path: String
    let arguments: [String]
    /// How long it may take.
    var seconds = secondsMaximum

    /// Runs it with `input` on its standard input; what it prints is thrown away.
    func run(giving input: borrowing Span<UInt8>) throws(Failure) {
        let child = try start(withPipeTo: .input)
        child.write(input)
        close(child.pipe)
        try child.waitForEnd()
    }

    /// Runs it and hands over what it prints, in pieces.
    func run(reading take: (borrowing Span<UInt8>) -> Void) throws(Failure) {
        let child = try start(withPipeTo: .output)
        child.read(take)
        close(child.pipe)
        try child.waitForEnd()
    }

    /// Runs it without an environment, with `descriptor` as its standard input, and hands over what it prints, in pieces.
    func filter(_ descriptor: Int32, reading take: (borrowing Span<UInt8>) -> Void) throws(Failure) {
        var pipe: Int32 = -1
        // The words and the place of the pipe live through the call.
        let process = unsafe withCStrings([path] + arguments) { words in
            unsafe coffer_start_filter(path, words, descriptor, &pipe)
        }
        guard process > 0 else { throw .notStarted(errno: errno) }
        let child = Running(process: process, pipe: pipe, seconds: seconds)
        child.read(take)
        close(child.pipe)
        try child.waitForEnd()
    }

    /// What a pipe leads to: its standard input or its standard output.
    enum Stream { case input, output }

    /// Starts it with one pipe, whose other end is the caller's to close.
    func start(withPipeTo stream: Stream, named name: String? = nil) throws(Failure) -> Running {
        var pipe: Int32 = -1
        // The words and the place of the pipe live through the call.
        let process = unsafe withCStrings([name ?? path] + arguments) { words in
            switch stream {
            case .input: unsafe coffer_start(path, words, &pipe, nil)
            case .output: unsafe coffer_start(path, words, nil, &pipe)
            }
        }
        guard process > 0 else { throw .notStarted(errno: errno) }
        return Running(process: process, pipe: pipe, seconds: seconds)
    }

    /// A program that was started, which leads a session and a process group of its own.
    struct Running {
        /// Our end of the pipe, which does not block.
        let pipe: Int32
        private let process: pid_t
        private let endMilliseconds: Int64

        fileprivate init(process: pid_t, pipe: Int32, seconds: Int) {
            self.process = process
            self.pipe = pipe
            endMilliseconds = Self.now + Int64(seconds) * 1000
        }

        /// Writes as much of `bytes` as the program takes in time; one that does not take all tells by its status.
        fileprivate func write(_ bytes: borrowing Span<UInt8>) {
            var written = 0
            while written < bytes.count && isReady(POLLOUT) {
                let rest = bytes.extracting(droppingFirst: written)
                // The buffer is passed with its length.
                let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(pipe, $0.baseAddress, $0.count) }
                guard count >= 0 || errno == EINTR || errno == EAGAIN else { return }
                written += max(count, 0)
            }
        }

        fileprivate func read(_ take: (borrowing Span<UInt8>) -> Void) {
            var chunk = SecretBytes(zeroed: 4096)
            while isReady(POLLIN) {
                var target = chunk.mutableSpan
                // The buffer is passed with its length.
                let count = unsafe target.withUnsafeMutableBytes {
                    unsafe Glibc.read(pipe, $0.baseAddress, $0.count)
                }
                if count > 0 { take(chunk.span.extracting(first: count)) }
                guard count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN)) else { return }
            }
        }

        /// Waits for its end, or brings it about when the time is over: it, and what it started, is gone then.
        func waitForEnd() throws(Failure) {
            var status: Int32 = 0
            while true {
                let ended = unsafe waitpid(process, &status, WNOHANG)
                if ended == process { break }
                guard ended == 0 || errno == EINTR else { throw .failed }
                guard millisecondsLeft > 0 else {
                    kill(-process, SIGKILL)
                    while unsafe waitpid(process, &status, 0) < 0 && errno == EINTR {}
                    throw .timedOut
                }
                usleep(1000)
            }
            guard status == 0 else { throw .failed }
        }

        /// Whether the pipe is ready, or broken, before the time is over.
        private func isReady(_ event: Int32) -> Bool {
            while true {
                var wait = pollfd(fd: pipe, events: Int16(event), revents: 0)
                let left = millisecondsLeft
                guard left > 0 else { return false }
                let ready = unsafe poll(&wait, 1, Int32(left))
                guard ready < 0 && errno == EINTR else { return ready > 0 }
            }
        }

        private var millisecondsLeft: Int64 { endMilliseconds - Self.now }

        private static var now: Int64 {
            var time = timespec()
            unsafe clock_gettime(CLOCK_MONOTONIC, &time)
            return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        }
    }
}
