/// One question at a time: commands that would ask on the same terminal, or through pinentry, wait for each other.
import CShims
import CofferAgent
import CofferVault
import Glibc

/// A lock that its holder's end gives back too. Where nothing can be locked, questions are asked all the same.
package struct AskingTurn: ~Copyable {
    /// After so long it is said what is waited for.
    private static let silenceMilliseconds: Int32 = 5_000

    /// The locked file; -1 where there is none.
    let descriptor: Int32

    /// The turn to ask on the terminal `terminal`; it is never held in the background.
    static func take(onTerminal terminal: Int32) throws(CLIError) -> AskingTurn {
        try taken(openTerminal(terminal), terminal, whose: "on this terminal")
    }

    /// The turn to ask through pinentry; its lock lies in `folder`.
    static func takeForPinentry(in folder: String?) throws(CLIError) -> AskingTurn {
        try taken(openFile("pinentry", in: folder), -1, whose: "through pinentry")
    }

    /// Where locks lie that are not the terminal's own device: the runtime folder, else where this machine's state is.
    package static func folder() -> String? { runtimeFolder() ?? stateFolder() }

    /// No turn: for what is no question.
    static var none: AskingTurn { AskingTurn(descriptor: -1) }

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Lets another have the turn, and `retake` waits for it again.
    func leave() { if descriptor >= 0 { coffer_turn_leave(descriptor) } }

    func retake(onTerminal terminal: Int32) throws(CLIError) {
        guard descriptor >= 0 else { return }
        guard Int(coffer_turn_take(descriptor, terminal, -1)) != COFFER_PROMPT_INTERRUPTED else { throw .interrupted }
    }

    private static func taken(_ descriptor: Int32, _ terminal: Int32, whose: String) throws(CLIError) -> AskingTurn {
        let turn = AskingTurn(descriptor: descriptor)
        guard descriptor >= 0 else { return turn }
        var result = Int(coffer_turn_take(descriptor, terminal, silenceMilliseconds))
        if result == COFFER_TURN_OF_ANOTHER {
            if Output.messages.isTerminal {
                Output.message("coffer: waiting for another coffer that asks \(whose) …")
            }
            result = Int(coffer_turn_take(descriptor, terminal, -1))
        }
        guard result != COFFER_PROMPT_INTERRUPTED else { throw .interrupted }
        return turn
    }

    /// The terminal's own device, which is the same one for every user; else a file with its number.
    private static func openTerminal(_ terminal: Int32) -> Int32 {
        if let path = terminalPath(terminal) {
            // The string lives through the call.
            let opened = unsafe coffer_open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0)
            if opened >= 0 { return opened }
        }
        return openFile("terminal-\(coffer_terminal_device(terminal))", in: folder())
    }

    private static func openFile(_ name: String, in folder: String?) -> Int32 {
        guard let folder else { return -1 }
        // As above. Nobody removes the file: who waits would wait for another one then.
        return unsafe coffer_open("\(folder)/\(name).lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600)
    }

    private static func runtimeFolder() -> String? {
        (try? RuntimeFolder.find(AgentEnvironment.runtimeFolder, isMade: true))?.path
    }

    private static func stateFolder() -> String? {
        guard let folder = (try? Places.state()) ?? nil, (try? Folder.make(folder)) != nil else { return nil }
        return folder
    }

    /// The path of the terminal, never /dev/tty; nil where it has none here.
    static func terminalPath(_ terminal: Int32) -> String? {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        // The array has room for what is said; the path in it ends with a zero byte.
        guard unsafe coffer_terminal_path(terminal, &path, path.count) == 0 else { return nil }
        return String(validating: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
