/// The command `coffer`: its subcommands, and the way from the arguments to an exit status.
package import ArgumentParser
import CShims
import CofferMemory
import CofferVault
import Glibc
import Synchronization

package struct Coffer: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "coffer",
        abstract: "Keeps passwords, one-time passwords and backup codes in one encrypted file.",
        version: "coffer \(CofferVersion.text)",
        subcommands: [
            InitCommand.self, AddCommand.self, ShowCommand.self, GetCommand.self, LsCommand.self, FindCommand.self,
            OtpCommand.self, CodesCommand.self,
            PasswdCommand.self, KeysCommand.self, KitCommand.self, VerifyCommand.self, BackupsCommand.self,
            CompletionCommand.self, HelpCommand.self,
            SetCommand.self, MvCommand.self, RmCommand.self, RestoreCommand.self, PurgeCommand.self, JoinCommand.self,
            HistoryCommand.self, UndoCommand.self, MergeCommand.self, ConflictsCommand.self, ResolveCommand.self,
            EditCommand.self, GenerateCommand.self, SyncCommand.self,
            RotateCommand.self, ConfigCommand.self, GitMergeCommand.self, UnlockCommand.self, LockCommand.self,
            StatusCommand.self, LoginCommand.self, EnrolCommand.self, OpenstackCommand.self, RunCommand.self,
            ReadCommand.self, InjectCommand.self,
        ])

    package init() {}
}

package enum CofferCommandLine {
    /// Runs the command that the process's arguments name, and ends the process with its status.
    package static func main() -> Never {
        let code: Int32
        do throws(CLIError) {
            code = run(try arguments())
        } catch {
            code = say(error)
        }
        if MemoryLock.hasFailed {
            Output.message(
                "coffer: warning: the system did not lock the memory that held secrets; they may have reached the swap"
                    + " space. Raise the limit (ulimit -l) or encrypt the swap.")
        }
        exit(code)
    }

    /// The process's arguments without the program's name. One that is not UTF-8 is refused, never repaired.
    private static func arguments() throws(CLIError) -> [String] {
        var arguments: [String] = []
        for position in 1..<max(1, coffer_argument_count()) {
            // The system's argument vector has terminated strings, which stay for as long as the process.
            guard let argument = unsafe coffer_argument(position) else { break }
            guard let text = unsafe String(validatingCString: argument) else {
                throw .usage(
                    why: "Argument \(position) is not UTF-8 text; nothing was changed.",
                    remedy: "It was refused, not repaired. A value of other bytes cannot be kept.")
            }
            arguments.append(text)
        }
        return arguments
    }

    /// Runs one command and says its error, if any. Returns the exit status.
    static func run(_ arguments: [String]) -> Int32 {
        let status = statusOfCommand(arguments)
        // The program that was to be run has statuses of its own, from which ours must be told.
        let isOfRun = arguments.first == RunCommand.configuration.commandName && RunCommand.isOwnFailure(status)
        return isOfRun ? RunCommand.ownFailure : status
    }

    private static func statusOfCommand(_ arguments: [String]) -> Int32 {
        if arguments.first == ClipboardGuard.word { return ClipboardGuard.run(arguments).rawValue }
        do {
            var command = try QuickCommand.make(arguments) ?? Coffer.parseAsRoot(arguments)
            try command.run()
            return ExitCode.done.rawValue
        } catch {
            return status(of: error, arguments)
        }
    }

    private static func status(_ error: any Error, _ arguments: [String]) -> Int32 {
        if let code = error as? ArgumentParser.ExitCode { return code.rawValue }
        if let usage = UsageReport.usageError(error, arguments: arguments) { return say(usage) }
        return say(UsageReport.ownError(error) ?? error)
    }

    private static func status(of error: any Error, _ arguments: [String]) -> Int32 {
        // What the parser itself answers (help, version, completion scripts) is data.
        guard !(error is CLIError), Coffer.exitCode(for: error).isSuccess else { return status(error, arguments) }
        // The parser finds the -h of help in any cluster of letters, and a title may begin with a hyphen.
        if let position = arguments.firstIndex(where: UsageReport.isClusterWithHelp) {
            return say(UsageReport.unknownCluster(position))
        }
        do {
            try Output.standard.print(Coffer.fullMessage(for: error))
            return ExitCode.done.rawValue
        } catch {
            return say(error)
        }
    }

    private static func say(_ error: any Error) -> Int32 {
        let report = ErrorReport(Reasking.refusal.withLock { $0 } ?? error)
        if let line = report.line { Output.message(line) }
        return report.code.rawValue
    }
}
