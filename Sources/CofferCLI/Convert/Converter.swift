/// Has coffer-convert do what needs a parser of foreign bytes (docs/convert.md).
import CofferExchange
import CofferFormat
import CofferMemory
import CofferVault
import Glibc

enum Converter {
    static let programName = "coffer-convert"
    /// Longer than it may compute, for a machine that has other things to do.
    private static let secondsMaximum = 60

    /// What coffer-convert makes of what `descriptor` gives, which is refused as what messages call `name`.
    static func run(_ task: ConversionTask, from descriptor: Int32, named name: String) throws(CLIError)
        -> ConversionReply
    {
        guard let path = OwnProgram.beside(programName) else { throw .converter(.missing) }
        var output = SecretBuilder(capacity: 16_384)
        do throws(ChildProgram.Failure) {
            try ChildProgram(path: path, arguments: [task.rawValue], seconds: secondsMaximum).filter(descriptor) {
                bytes in
                // One byte more than a reply may have is kept, so that such a reply is refused.
                output.append(bytes.extracting(first: min(bytes.count, ConversionLimits.replyCount + 1 - output.count)))
            }
        } catch {
            switch error {
            case .notStarted(ENOENT): throw .converter(.missing)
            case .notStarted(let number): throw .converter(.notStarted(errno: number))
            case .failed: throw .converter(.ended(input: name))
            case .timedOut: throw .converter(.tooSlow(input: name))
            }
        }
        let reply: ConversionReply
        do throws(FormatError) {
            reply = try ConversionReply.parse(output.finish())
        } catch {
            throw .converter(.ended(input: name))
        }
        switch reply {
        case .refused(let refusal): throw .foreign(refusal, input: name)
        case .refusedText(let failure): throw .foreignText(failure, input: name)
        default: return reply
        }
    }

    /// The same for a text of ours.
    static func run(_ task: ConversionTask, giving text: borrowing Span<UInt8>, named name: String) throws(CLIError)
        -> ConversionReply
    {
        guard text.count <= ConversionLimits.qrTextCount else { throw .foreign(.tooLongForQR, input: name) }
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw .converter(.notStarted(errno: errno)) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        // Less than a page, which the smallest pipe holds: nobody waits (pipe(7)).
        let isWritten = Self.write(text, to: ends[1])
        close(ends[1])
        guard isWritten else { throw .converter(.notStarted(errno: errno)) }
        return try run(task, from: ends[0], named: name)
    }

    private static func write(_ text: borrowing Span<UInt8>, to descriptor: Int32) -> Bool {
        // The buffer is passed with its length.
        unsafe text.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) == $0.count }
    }
}
