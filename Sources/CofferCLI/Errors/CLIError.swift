/// What can go wrong on the way between a person or script and a vault. Sentences are made in ErrorReport.swift.
package import CofferExchange

/// No case carries a secret, nor the value of an argument: texts name the option.
package enum CLIError: Error, Equatable {
    /// The command line is not understood. Both are whole sentences.
    case usage(why: String, remedy: String)
    /// A secret was given as an argument, where other processes and the shell's history see it; `option` names it.
    case secretAsArgument(option: String)
    /// The recovery key has no typing mistake, but no slot of the vault at `path` opens with it.
    case wrongRecoveryKey(path: String)
    /// Every password slot of the vault at `path` asks for a key file, and none was given.
    case keyFileMissing(path: String)
    /// Several of the values of `field` answer to what was given to choose one; `candidates` tell them apart.
    case severalValues(field: String, candidates: [String])
    /// Something must be asked, and there is no terminal, or `--no-input` forbids it.
    case cannotAsk(Question)
    /// The question was answered with the end of input (Ctrl-D).
    case cancelled
    /// The same, after some of several choices had been saved.
    case cancelledAfterSaving(saved: Int, left: Int)
    /// A confirmation was answered with no.
    case declined
    /// Ctrl-C at a question.
    case interrupted
    /// What was typed or read for `what` is longer than `maximumBytes`; it was refused, not cut.
    case tooLong(what: String, maximumBytes: Int)
    /// The two times a new secret was asked did not give the same.
    case answersDiffer(what: String)
    /// A value that was given is empty.
    case emptyValue(what: String)
    /// No entry contains the words.
    case nothingFound(inSecrets: Bool)
    /// The descriptor or file that `option` names cannot be read.
    case unreadable(option: String, errno: Int32)
    /// The input that `option` names ended before anything came.
    case nothingToRead(option: String)
    /// `option` names a terminal, where what is typed would be seen.
    case secretFromTerminal(option: String)
    /// No unused backup code is left in the entry of this title; `everHad` tells whether it has used ones.
    case noCodesLeft(title: String, spoken: String, everHad: Bool)
    /// The entry of this title has no `what`, but the account that it shares has.
    case inSharedAccount(what: String, title: String, account: String)
    /// There is nothing to copy with.
    case clipboardMissing(ClipboardAbsence)
    /// The program that reaches the clipboard ended with a failure.
    case clipboardFailed(program: String)
    /// The program took a value and does not show that it holds it; it was told to clear the clipboard.
    case clipboardUnsure(program: String)
    /// The program that reaches the clipboard did not end in time.
    case clipboardTimedOut(program: String)
    /// The program that reaches the clipboard knows no pictures.
    case clipboardWithoutPictures
    /// What the clipboard holds is no picture.
    case noPictureInClipboard
    /// coffer-convert gave no answer.
    case converter(ConverterFault)
    /// coffer-convert refused what came from `input`.
    case foreign(ConversionRefusal, input: String)
    /// coffer-convert refused the text of `input`.
    case foreignText(TextFailure, input: String)
    /// A file has no setting of OpenStack.
    case noCloud(input: String)
    /// The picture shows no QR code, or none with a one-time password.
    case noQRCode(input: String)
    case noOTPInQRCode(input: String)
    /// A QR code of this size does not fit on the terminal.
    case tooSmall(columns: Int, lines: Int)
    /// Line `line`, from 1 on, of a file that Coffer was to read is not understood; `why` never carries its text.
    case badLine(file: String, line: Int, why: String)
    /// The program that was to be run could not be; `program` is its name as it was given.
    case notRun(program: String, errno: Int32)
    /// What clears the clipboard could not be started.
    case clipboardUnguarded
    /// Standard output was closed by its reader, which is not worth a message.
    case outputClosed
    /// Standard output cannot be written.
    case outputFailed(errno: Int32)
    /// The terminal cannot be read or written.
    case terminalFailed(errno: Int32)
    /// The pinentry program at `path` could not ask.
    case pinentry(path: String, PinentryFault)
    /// Everything was said already; the command ends with this status.
    case ended(ExitCode)

    /// What is missing for a copy, as far as the environment tells.
    package enum ClipboardAbsence: Equatable, Sendable {
        /// A program for the Wayland desktop that is there, or for the X11 one.
        case wayland, x11
        /// A desktop, and a terminal that is known to have a clipboard; inside tmux or the like it is out of reach.
        case desktop, multiplexer
    }

    /// What went wrong with coffer-convert.
    package enum ConverterFault: Equatable, Sendable {
        /// It does not lie beside this program.
        case missing
        case notStarted(errno: Int32)
        /// It ended without an answer that makes sense.
        case ended(input: String)
        case tooSlow(input: String)
    }

    /// What would have been asked, which decides how its absence is told.
    package enum Question: Equatable, Sendable {
        /// The master password, recovery key or key of a locked vault: status 5.
        case unlocking
        /// The same though the agent holds the vault: for what an unlocked vault is not enough for. Status 5.
        case unlockedAlready
        /// The master password, for the agent to hold the vault: status 5.
        case holding
        /// The recovery key, to open a vault with or to check: status 5.
        case recoveryKey
        /// A value that an option could give: status 64. `what` stands after "there is no terminal to ask for".
        case value(what: String, option: String)
        /// A yes to something that cannot be undone: status 9. `what` is a whole sentence saying what would happen.
        case confirmation(what: String, option: String)
    }

    /// What went wrong with a pinentry program.
    package enum PinentryFault: Equatable, Sendable {
        /// There is none.
        case missing
        case notStarted(errno: Int32)
        /// It ended without an answer.
        case ended
        /// It said nothing for long, where no person is waited for.
        case silent
        /// Something that is not its protocol, or too much of it.
        case garbled
        /// An error of its own, as libgpg-error numbers it.
        case refused(code: UInt32)
    }
}
