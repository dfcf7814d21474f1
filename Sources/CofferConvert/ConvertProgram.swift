/// The program coffer-convert: one task, its foreign bytes on standard input, its reply on standard output.
import CShims
import CofferExchange
import CofferMemory
import Glibc

package enum ConvertProgram {
    package static func main() -> Never {
        guard coffer_argument_count() == 2, let argument = unsafe coffer_argument(1) else { explain() }
        // The system's argument vector has terminated strings.
        let word = unsafe String(cString: argument)
        if word == "--version" { say("coffer-convert \(CofferVersion.text)\n", STDOUT_FILENO, status: 0) }
        guard let task = ConversionTask(rawValue: word) else { explain() }
        let reply = run(task).serialize()
        exit(ForeignBytes.write(reply.span) ? 0 : 1)
    }

    private static func run(_ task: ConversionTask) -> ConversionReply {
        if task == .readQR { QRReader.prepare() }
        guard Sandbox.enter() else { return .refused(.noWalls) }
        do throws(ConversionFailure) {
            switch task {
            case .readQR:
                return .symbols(try QRReader.symbols(in: Picture(ForeignBytes.read(ConversionLimits.pictureCount))))
            case .drawQR:
                let drawing = try QRDrawing(ForeignBytes.read(ConversionLimits.qrTextCount, orElse: .tooLongForQR))
                return .modules(width: drawing.width, SecretSlice(drawing.modules()))
            case .drawPicture:
                let drawing = try QRDrawing(ForeignBytes.read(ConversionLimits.qrTextCount, orElse: .tooLongForQR))
                return .picture(SecretSlice(try drawing.picture()))
            case .readOpenRC:
                return CloudReplies.openRC(try ForeignBytes.read(ConversionLimits.openRCCount))
            case .readClouds:
                return CloudReplies.yaml(try ForeignBytes.read(ConversionLimits.cloudsCount))
            case .showWalls: return .walls(Sandbox.attempts())
            }
        } catch {
            return .refused(error.refusal)
        }
    }

    /// For a person who calls it.
    private static func explain() -> Never {
        say(
            "coffer-convert reads pictures and foreign files for coffer, which starts it itself.\n", STDERR_FILENO,
            status: 64)
    }

    private static func say(_ text: String, _ descriptor: Int32, status: Int32) -> Never {
        let bytes = Array(text.utf8)
        // Nothing is to be done where it cannot be told.
        _ = unsafe write(descriptor, bytes, bytes.count)
        exit(status)
    }
}
