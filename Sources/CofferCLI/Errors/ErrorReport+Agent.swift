/// What is told of the agent; ErrorReport.swift says how.
import CofferAgent

extension ErrorReport {
    init(_ error: AgentError) {
        switch error {
        case .noRuntimeFolder:
            self.init(
                code: .failed,
                "There is no private place for the agent's socket: XDG_RUNTIME_DIR is not set, or is not the absolute path of a folder.",
                "Log in through a session that sets it (loginctl enable-linger keeps it), or make a folder of mode 700 and set"
                    + " XDG_RUNTIME_DIR to it.")
        case .folderUnsafe(let path, let why):
            self.init(
                code: .refused, "\(path) is no safe place for the agent's socket: \(why); nothing was sent.",
                "Set XDG_RUNTIME_DIR to a folder that is yours alone: no link, mode 700, a short name.")
        case .absent:
            self.init(code: .locked, "No agent is running, so no vault is unlocked.", "Start it: coffer unlock")
        case .foreign(let path):
            self.init(
                code: .refused, "What answers at \(path) belongs to another user; nothing was sent.",
                "Find out who put it there before you go on.")
        case .locked: self.init(code: .locked, "The agent does not hold that vault.", "Unlock it: coffer unlock")
        case .notUnderstood:
            self.init(
                code: .unsupported, "The agent is of another version and does not know that request.",
                "Start the present one: coffer lock, then coffer unlock.")
        case .tooManyReads:
            self.init(
                code: .refused, "The secrets of more than 30 entries were asked for within a minute.",
                "Pass --password-fd N to this command, wait a minute, or let a script read them all: coffer unlock --bulk"
            )
        case .broken:
            self.init(
                code: .failed, "The agent ended or gave no answer that makes sense.",
                "End it and start anew: coffer lock, then coffer unlock.")
        case .notStarted(let path, let number):
            self.init(
                code: .failed,
                "The agent could not be started (\(path)): \(number.map(Self.reason) ?? "it ended at once").",
                "Install coffer-agent beside coffer: scripts/quickstart does.")
        case .system(let action, let path, let number):
            self.init(
                code: .failed, "Could not \(action) \(path): \(Self.reason(number)).",
                "Check the folder, then try again.")
        }
    }
}
