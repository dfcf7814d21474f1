/// Where foreign bytes come from: a file, standard input, a picture in the clipboard. They are never read here.
import CofferExchange
import CofferVault
import Glibc

enum ForeignInput {
    case file(path: String)
    /// What `option` names by "-".
    case standardInput(option: String)
    case clipboard

    init(_ path: String, option: String) { self = path == "-" ? .standardInput(option: option) : .file(path: path) }

    /// What messages call it.
    var name: String {
        switch self {
        case .file(let path): path
        case .standardInput: "standard input"
        case .clipboard: "the clipboard"
        }
    }

    /// What coffer-convert makes of it; more than `countMaximum` bytes are refused.
    func convert(_ task: ConversionTask, countMaximum: Int) throws -> ConversionReply {
        switch self {
        case .file(let path):
            let file = try Self.open(path, countMaximum: countMaximum)
            return try Converter.run(task, from: file.descriptor, named: name)
        case .standardInput(let option):
            guard isatty(STDIN_FILENO) == 0 else { throw CLIError.secretFromTerminal(option: option) }
            return try Converter.run(task, from: STDIN_FILENO, named: name)
        case .clipboard:
            guard let tool = ClipboardTool.find() else { throw CLIError.clipboardMissing(Clipboard.absence) }
            do {
                return try tool.readingPicture { pipe in try Converter.run(task, from: pipe, named: name) }
            } catch CLIError.foreign(.notAPicture, _) {
                throw CLIError.noPictureInClipboard
            }
        }
    }

    /// Only an ordinary file: nothing waits for the other end of a pipe that somebody left there.
    private static func open(_ path: String, countMaximum: Int) throws -> File {
        do {
            let file = try File(opening: path, O_RDONLY | O_NONBLOCK)
            let status = try file.status()
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw VaultError.invalidInput(why: "there is no ordinary file at \(path)")
            }
            guard status.st_size <= countMaximum else { throw CLIError.foreign(.tooLong, input: path) }
            return file
        } catch let error as SystemError {
            guard error.number != ENOENT else { throw VaultError.fileMissing(path: path) }
            throw VaultError.system(action: "read", path: path, errno: error.number)
        }
    }
}
