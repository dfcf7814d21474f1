/// The one place where errors become sentences and exit codes (docs/cli.md, "Exit codes").
import CofferAgent
import CofferCrypto
import CofferExchange
import CofferFormat
import CofferMemory
import CofferMerge
import CofferModel
package import CofferOTP
import CofferVault
import Glibc

/// What a person is told of an error: what happened, then what to do.
package struct ErrorReport: Equatable, Sendable {
    package let code: ExitCode
    /// Complete sentences for one line, safe for a terminal; empty when there is nothing to say.
    package let sentences: String
    /// The same for a step after a save: that nothing was changed is not true of the whole then.
    let sentencesAfterSaving: String

    private init(code: ExitCode, _ sentences: String...) {
        self.code = code
        let shown = sentences.filter { !$0.isEmpty }.map { escapedForTerminal($0) }
        self.sentences = shown.joined(separator: " ")
        sentencesAfterSaving = shown.map(Self.afterSaving).joined(separator: " ")
    }

    private static func afterSaving(_ sentence: String) -> String {
        for claim in ["; nothing was changed or published.", "; nothing was changed."] where sentence.hasSuffix(claim) {
            return sentence.dropLast(claim.count) + "."
        }
        return sentence
    }

    /// `coffer: error 3: …`, or nil when the status says all.
    package var line: String? { sentences.isEmpty ? nil : "coffer: error \(code.rawValue): \(sentences)" }

    package init(_ error: any Error) {
        switch error {
        case let error as CLIError: self.init(error)
        case let error as VaultError: self.init(error)
        case let error as AgentError: self.init(error)
        case let error as OTPError: self.init(error)
        case let error as BackupCodeTextError: self.init(error)
        case let error as PasswordError: self.init(error)
        case let error as RecoveryKeyError: self.init(error)
        case let error as CryptoError: self.init(error)
        case is FormatError, is SealedBoxError, is MergeError:
            self.init(
                code: .damaged, "The vault is damaged or was altered; it was left as it is.", Self.damagedRemedy)
        default:
            // No description of a foreign error: nobody knows what is in it.
            self.init(code: .failed, "Something went wrong that has no name; please report which command did it.")
        }
    }

    // MARK: The command line

    private init(_ error: CLIError) {
        switch error {
        case .usage(let why, let remedy): self.init(code: .usage, why, remedy)
        case .secretAsArgument(let option):
            self.init(
                code: .refused,
                "A secret is never taken as an argument (\(option)): other programs and the shell's history see it;"
                    + " nothing was changed.",
                "Leave it out to be asked, or pass it through a descriptor (--value-fd N, --password-fd N) or standard"
                    + " input (-). If it was a real secret, take it out of the shell's history and change it.")
        case .wrongRecoveryKey(let path):
            self.init(
                code: .wrongPassword, "That recovery key does not open \(path); nothing was changed.",
                "It may be another vault's, or one that coffer kit new has replaced: look for the newest sheet.")
        case .keyFileMissing(let path):
            self.init(
                code: .wrongPassword,
                "\(path) opens only with its key file beside the master password; nothing was changed.",
                "Pass --key-file FILE, or use the recovery key: coffer passwd --recovery-key --drop-key-file")
        case .severalValues(let field, let candidates):
            self.init(
                code: .notFound, "Several values of \(field) match that; nothing was changed.",
                "Say which one: \(Self.list(candidates)).")
        case .cannotAsk(.unlocking):
            self.init(
                code: .locked, "The vault is locked, no agent answers and there is no terminal to ask on.",
                "Run coffer unlock first, or pass --password-fd N.")
        case .cannotAsk(.unlockedAlready):
            self.init(
                code: .locked,
                "This asks for the master password although the vault is unlocked, and there is no terminal to ask on.",
                "Pass --password-fd N.")
        case .cannotAsk(.holding):
            self.init(
                code: .locked, "There is no terminal to ask for the master password on.", "Pass --password-fd N.")
        case .cannotAsk(.recoveryKey):
            self.init(
                code: .locked, "There is no terminal to ask for the recovery key on.", "Pass --recovery-key-fd N.")
        case .cannotAsk(.value(let what, let option)):
            self.init(code: .usage, "There is no terminal to ask for \(what).", "Pass \(option).")
        case .cannotAsk(.confirmation(let what, let option)):
            self.init(code: .refused, what, "There is no terminal to confirm it on: pass \(option) if you mean it.")
        case .cancelled: self.init(code: .interrupted, "Cancelled; nothing was changed.")
        case .cancelledAfterSaving(let saved, let left):
            self.init(
                code: .interrupted,
                "Cancelled; \(saved == 1 ? "1 choice is" : "\(saved) choices are") saved, and"
                    + " \(left == 1 ? "1 conflict is" : "\(left) conflicts are") left as before.")
        case .declined: self.init(code: .failed, "Not done, as you answered no; nothing was changed.")
        case .interrupted: self.init(code: .interrupted)
        case .tooLong(let what, let maximum):
            self.init(
                code: .usage, "\(what) is longer than \(Self.grouped(maximum)) bytes; nothing was changed.",
                "It was refused, not cut: give a shorter one.")
        case .answersDiffer(let what):
            self.init(code: .failed, "\(what) was not the same both times; nothing was changed.", "Try again.")
        case .emptyValue(let what):
            self.init(
                code: .usage, "The \(what) is empty; nothing was changed.",
                "To take a field away: coffer set TITLE FIELD --remove")
        case .nothingFound(let inSecrets):
            self.init(
                code: .notFound, "No entry contains all of that.",
                inSecrets ? "See what there is: coffer ls" : "To look into notes and secret fields too: --secrets")
        case .unreadable(let option, let number) where number == EBADF:
            self.init(
                code: .usage, "The descriptor named by \(option) is not open for reading.",
                "In a shell, open it on the same line: \(option) 3 3<FILE")
        case .unreadable(let option, let number):
            self.init(
                code: .usage, "What \(option) names cannot be read: \(Self.reason(number)).", "Name a file or pipe.")
        case .nothingToRead(let option):
            self.init(
                code: .usage, "What \(option) names ended before a line came.",
                "For two secrets through one descriptor, write one a line.")
        case .secretFromTerminal(let option):
            self.init(
                code: .usage, "\(option) names a terminal, which would show what is typed.",
                "Leave the option out to be asked, or name a file or pipe.")
        case .noCodesLeft(let title, true):
            self.init(
                code: .notFound, "No unused backup code is left for \(title).",
                CodesReport.remedy(title))
        case .noCodesLeft(let title, false):
            self.init(
                code: .notFound, "There are no backup codes for \(title).",
                "Add them: " + Shown.command("codes add", title))
        case .clipboardMissing(let absence):
            let (why, remedy) = Self.parts(absence)
            self.init(code: .failed, why, remedy)
        case .clipboardFailed(let program):
            self.init(
                code: .failed, "\(program) failed, so nothing was copied.",
                "See whether it works here: echo test | \(program). Or print the value: leave --clip out.")
        case .clipboardTimedOut(let program):
            self.init(
                code: .failed,
                "\(program) did not end within \(ChildProgram.secondsMaximum) seconds and was ended, so nothing was copied.",
                "See whether it works here: echo test | \(program). Or print the value: leave --clip out.")
        case .clipboardUnguarded:
            self.init(
                code: .failed, "What clears the clipboard afterwards could not be started, so nothing was copied.",
                "It needs /proc and room for one more process.")
        case .clipboardWithoutPictures:
            self.init(
                code: .failed, "xsel cannot hand over a picture.",
                "Install xclip, or save the picture and name its file.")
        case .converter(let fault):
            let (why, remedy) = Self.parts(fault)
            self.init(code: .failed, why, remedy)
        case .foreign(let refusal, let input):
            let (why, remedy) = Self.parts(refusal)
            self.init(
                code: refusal == .unreadable ? .failed : .unsupported, "\(input) \(why); nothing was changed.", remedy)
        case .foreignText(let failure, let input):
            let (why, remedy) = Self.parts(failure.reason)
            self.init(code: .unsupported, "\(input), line \(failure.line): \(why); nothing was changed.", remedy)
        case .noQRCode(let input):
            self.init(
                code: .notFound, "There is no QR code to be seen in \(input); nothing was changed.",
                "Take a screenshot that shows the whole code, sharp and with some white around it.")
        case .noOTPInQRCode(let input):
            self.init(
                code: .notFound, "The QR code in \(input) holds no one-time password; nothing was changed.",
                "It may be for a link or an app: take the one that the service shows for an authenticator.")
        case .badLine(let file, let line, let why):
            self.init(
                code: .usage, "Line \(line) of \(file) is not understood: \(why); nothing was changed.",
                "Mend the line.")
        case .notRun(let program, let number):
            self.init(
                code: number == ENOENT ? .commandNotFound : .commandNotRun,
                "The program \(program) could not be run: \(Self.reason(number)).",
                "Check its name and that it can be run.")
        case .outputClosed: self.init(code: .outputClosed)
        case .outputFailed(let number):
            self.init(
                code: .failed, "Standard output cannot be written: \(Self.reason(number)).",
                "Make room, or send it somewhere else.")
        case .terminalFailed(let number):
            self.init(
                code: .failed, "The terminal cannot be used: \(Self.reason(number)).",
                "Pass what is asked by an option instead: coffer help COMMAND")
        case .pinentry(let path, let fault):
            self.init(
                code: .locked, Self.sentence(path, fault) + "; nothing was changed.",
                "See which one is asked: coffer config get pinentry. Or use a terminal, or pass --password-fd N.")
        case .ended(let code): self.init(code: code)
        }
    }

    private static func parts(_ absence: CLIError.ClipboardAbsence) -> (why: String, remedy: String) {
        switch absence {
        case .wayland:
            (
                "There is no program to copy with: wl-copy and wl-paste are not in PATH.",
                "Install the package wl-clipboard."
            )
        case .x11:
            (
                "There is no program to copy with: neither xclip nor xsel is in PATH.",
                "Install the package xclip or xsel."
            )
        case .desktop:
            (
                "There is no clipboard: no desktop (DISPLAY or WAYLAND_DISPLAY) and no terminal known to have one.",
                "On a desktop, install the package wl-clipboard (Wayland), xclip or xsel (X11); over ssh, use a terminal"
                    + " like kitty, foot or WezTerm. Or leave --clip out."
            )
        case .multiplexer:
            (
                "There is no clipboard: no desktop (DISPLAY or WAYLAND_DISPLAY), and tmux or screen stands before the terminal.",
                "Copy outside of it: it would keep the value among its own buffers. Or leave --clip out."
            )
        }
    }

    private static func sentence(_ path: String, _ fault: CLIError.PinentryFault) -> String {
        switch fault {
        case .missing: "There is no pinentry program \(path)"
        case .notStarted(let number): "The pinentry program \(path) cannot be started: \(reason(number))"
        case .ended: "The pinentry program \(path) ended without an answer"
        case .silent: "The pinentry program \(path) does not respond"
        case .garbled: "What \(path) answers is not what a pinentry program says"
        case .refused(let code): "The pinentry program \(path) could not ask (its error \(code & 0xFFFF))"
        }
    }

    // MARK: The vault

    private static let damagedRemedy =
        "Earlier copies: coffer backups. Rescue intact entries: coffer verify --salvage OUT. Do not delete the file."

    private init(_ error: VaultError) {
        switch error {
        case .vaultMissing(let path):
            self.init(
                code: .notFound, "There is no vault at \(path).",
                "Create one: coffer init. Or say where it is: --vault FILE.")
        case .fileMissing(let path):
            self.init(code: .notFound, "There is no file at \(path); nothing was changed.", "Check the path.")
        case .vaultExists(let path):
            self.init(
                code: .refused, "There is something at \(path) already; it was left as it is.",
                "Choose another place with --vault FILE, or move it away yourself.")
        case .wrongPassword(let path):
            self.init(
                code: .wrongPassword, "That password or key file does not open \(path); nothing was changed.",
                "Check Caps Lock and the keyboard layout and try again, or use the recovery key:"
                    + " coffer passwd --recovery-key")
        case .damaged(let path, let place):
            self.init(
                code: .damaged, "\(path) is damaged or was altered (\(place)); it was left as it is.",
                Self.damagedRemedy)
        case .unsupported(let path, let what):
            self.init(
                code: .unsupported,
                "\(path) needs something this program does not support: \(what); nothing was changed.",
                "A newer Coffer may open it; if you did not expect this, compare the file with another copy first.")
        case .notAVault(let path, let why):
            self.init(
                code: .unsupported, "\(path) is not a Coffer vault: \(why); it was left as it is.",
                "Name the vault with --vault FILE. If this was your vault, see what can be rescued: coffer verify --salvage OUT"
            )
        case .inUse(let path, let why):
            self.init(
                code: .inUse, "\(path) is in use or was changed underneath: \(why); nothing was changed.", "Try again.")
        case .replaced(let path):
            self.init(
                code: .inUse,
                "\(path) is in use or was changed underneath: it was replaced by another vault or key epoch; nothing was changed.",
                "Try again.")
        case .refused(let why, let remedy): self.init(code: .refused, Self.sentence(why), Self.sentence(remedy))
        case .limitExceeded(let what):
            self.init(
                code: .unsupported, "That would exceed a limit: \(what); nothing was changed.",
                "Make it smaller, or split it up.")
        case .notFound(let what, let near):
            let remedy = near.isEmpty ? "See what there is: coffer ls" : "Near it: \(Self.list(near))."
            self.init(code: .notFound, "There is no \(what).", remedy)
        case .notInEntry(let what, let title, let near):
            let remedy =
                near.isEmpty
                ? "See what it has: " + Shown.command("show", title) : "It has: \(Self.list(near))."
            self.init(code: .notFound, "There is no \(what) in \(title).", remedy)
        case .ambiguous(let what, let candidates):
            self.init(
                code: .notFound, "Several entries match \(what).",
                "Say which one: \(Self.list(candidates)).")
        case .inTrash(let title):
            self.init(
                code: .notFound, "\(title) is in the trash; nothing was changed.",
                "Take it out: " + Shown.command("restore", title))
        case .notInTrash(let title):
            self.init(
                code: .notFound, "\(title) is not in the trash; nothing was changed.",
                "Put it there: " + Shown.command("rm", title))
        case .conflict(let title, let field):
            self.init(
                code: .conflict, "\(title) has several values of \(field), and nobody has chosen.",
                "Compare: coffer conflicts --reveal. Choose: " + Shown.command("resolve", title, field)
                    + " — or take the newest this once: --pick newest")
        case .system(let action, let path, let number):
            self.init(
                code: .failed, "Could not \(action) \(path): \(Self.reason(number)).", Self.systemRemedy(number))
        case .unconfirmed(let path, let number):
            self.init(
                code: .failed,
                "\(path) was saved, but the system did not confirm that it is on the disk: \(Self.reason(number)).",
                "After a power cut it may be the state before. Check the disk, then run coffer verify --deep.")
        case .older(let path, let missing, let seenAt):
            self.init(
                code: .refused,
                "\(path) is older than what this machine saw on \(UTCTime(clampingUnixSeconds: seenAt).text);"
                    + " \(missing == 1 ? "1 edit is" : "\(missing) edits are") missing.",
                "If you restored a backup: coffer sync --accept-older merges them back. If not, something replaced the file:"
                    + " compare with another machine first.")
        case .olderEpoch(let path):
            self.init(
                code: .refused,
                "\(path) is from before a change of the vault key (coffer rotate) that this machine has seen; nothing was changed.",
                "The newer file is among its backups: coffer backups. If you did not put the old one there, something replaced it."
            )
        case .rotated(let path, let epoch):
            self.init(
                code: .refused,
                "Another machine has changed the vault key: \(path) has key epoch \(epoch); nothing was changed or published.",
                "If you know of it: coffer sync --accept-rotation. If not, somebody forged the file: ask on the other"
                    + " machines first.")
        case .unpublished(let path, let number):
            self.init(
                code: .failed,
                "All is saved here, but \(path) in the shared folder could not be written: \(Self.reason(number)).",
                "The other machines do not see the last changes yet. "
                    + (number == ENOSPC || number == EDQUOT ? "Make room" : "Make it writable")
                    + " there, then run coffer sync.")
        case .vaultInFolder(let path, let folder):
            self.init(
                code: .notFound, "There is no vault at \(path) yet, and one in \(folder).",
                "Take it over: coffer sync \(Shown.word(folder)) --join")
        case .placeMissing(let path):
            self.init(
                code: .notFound, "There is no shared folder at \(path); nothing was changed.",
                "Mount or create it first, or name another one: coffer sync FOLDER")
        case .placeUnknown:
            self.init(
                code: .usage, "No shared folder has been named for this vault yet; nothing was changed.",
                "Name it once: coffer sync FOLDER")
        case .nothingToJoin(let path):
            self.init(
                code: .notFound, "There is no vault in \(path) yet; nothing was changed.",
                "Wait until the folder has come over from the other machine, where coffer sync FOLDER must have run once."
            )
        case .severalVaults(let path, let ids):
            self.init(
                code: .notFound, "\(path) holds several vaults; nothing was changed.",
                "Say which one: --vault-id \(ids.joined(separator: ", "))")
        case .keyFileUnusable(let path, let why):
            self.init(
                code: .wrongPassword, "The key file \(path) cannot be used: \(why); nothing was changed.",
                "Name the key file of the vault, an ordinary file of 32 bytes to 1 MiB: --key-file FILE")
        case .invalidInput(let why): self.init(code: .usage, Self.sentence(why), "Nothing was changed.")
        case .lockedMeanwhile(let path):
            self.init(
                code: .locked, "The agent has locked \(path) meanwhile; nothing was changed.",
                "Run it again: it asks then.")
        case .agentTooOld(let path):
            self.init(
                code: .unsupported,
                "The agent that holds \(path) is of another version and does not know that request; nothing was changed.",
                "Start the present one: coffer lock, then coffer unlock.")
        case .tooManyReads(let path):
            self.init(
                code: .refused,
                "The secrets of more than 30 entries of \(path) were asked for within a minute; this one was not told.",
                "Wait a minute, or let a script read them all: coffer unlock --bulk")
        case .agentLost(let path):
            self.init(
                code: .failed, "The agent that holds \(path) ended or gave no answer.",
                "See with coffer show whether the change was saved. Then lock and unlock: coffer lock, coffer unlock.")
        }
    }

    // MARK: The agent

    private init(_ error: AgentError) {
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
                "Wait a minute, or let a script read them all: coffer unlock --bulk")
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

    private static func systemRemedy(_ number: Int32) -> String {
        switch number {
        case ENOSPC, EDQUOT: "The vault was left as it was. Make room and try again."
        case EFBIG: "The vault was left as it was. Raise the limit on file sizes (ulimit -f) and try again."
        case EACCES, EPERM: "The vault was left as it was. Check who owns the file and its folder."
        case EROFS: "The vault was left as it was. Its place can only be read; use another with --vault FILE."
        case ENOENT, ENOTDIR: "Check the path."
        default: "The vault was left as it was. Check the disk, then try again."
        }
    }

    // MARK: Passwords and keys

    private init(_ error: PasswordError) {
        let why =
            switch error {
            case .empty: "The master password is empty; nothing was changed."
            case .tooLong: "The master password is longer than 1,024 bytes; nothing was changed."
            case .notUTF8: "The master password is not UTF-8 text; nothing was changed."
            case .containsNUL: "The master password contains a NUL byte; nothing was changed."
            }
        self.init(code: .usage, why, "A master password is 1 to 1,024 bytes of UTF-8 text on one line.")
    }

    private init(_ error: RecoveryKeyError) {
        let remedy = "It is CR1- and nine groups of four letters and digits, as on the recovery sheet."
        switch error {
        case .malformed: self.init(code: .wrongPassword, "That is not a recovery key; nothing was changed.", remedy)
        case .checksumMismatch:
            self.init(
                code: .wrongPassword, "There is a typing mistake in that recovery key; nothing was changed.", remedy)
        }
    }

    private init(_ error: CryptoError) {
        switch error {
        case .outOfMemory:
            self.init(
                code: .failed, "There is not enough memory for this vault's key derivation; nothing was changed.",
                "Close other programs, or open it on a larger machine and choose a lighter KDF: coffer passwd")
        case .parameterUnsupported:
            self.init(
                code: .unsupported, "A length or cost is one that the algorithm does not have; nothing was changed.",
                "A newer Coffer may know it.")
        case .paddingInvalid:
            self.init(
                code: .damaged, "The vault is damaged or was altered (padding); it was left as it is.",
                Self.damagedRemedy)
        }
    }

    // MARK: One-time passwords

    private init(_ error: OTPError) {
        let (why, remedy) = Self.parts(error)
        self.init(code: .usage, why + "; nothing was changed.", remedy)
    }

    private static func parts(_ error: OTPError) -> (why: String, remedy: String) {
        let keyRemedy = "It consists of the letters A to Z and the digits 2 to 7: copy the whole of it again."
        let exportRemedy =
            "Read the QR code again and copy the whole of its text; nothing of it may be missing or changed."
        let uriRemedy = "Copy the whole link from the QR code again; it begins with otpauth://totp/ or otpauth://hotp/"
        return switch error {
        case .secretSymbol(let position):
            ("The key has a character at position \(position + 1) that no such key has", keyRemedy)
        case .secretLength(let symbols):
            ("No key has \(symbols) characters: some are missing or doubled", keyRemedy)
        case .secretEmpty: ("The key is empty", keyRemedy)
        case .secretTooLong(let maximum): ("The key is longer than \(grouped(maximum)) bytes", keyRemedy)
        case .digits: ("That number of digits is not supported", "A code has 6 to 10 digits (Steam: 5).")
        case .period:
            ("That period is not supported", "A period is 1 second or more, in whole seconds (Steam: 30).")
        case .counter: ("That counter is not supported", "A counter is a whole number from 0 on.")
        case .algorithm: ("That hash is not supported", "Use sha1, sha256 or sha512 (Steam: sha1).")
        case .label: ("The issuer or account is too long or has control characters", uriRemedy)
        case .uriTooLong(let maximum): ("The link is longer than \(grouped(maximum)) bytes", uriRemedy)
        case .notOTPAuth: ("That is no otpauth link", uriRemedy)
        case .googleMigration:
            (
                "That is Google Authenticator's export, which holds several accounts",
                "Take them in with: coffer otp import-google"
            )
        case .unknownKind: ("The link asks for a kind of code that is not supported", uriRemedy)
        case .percentEncoding(let position):
            ("The link has a % at position \(position + 1) without two hexadecimal digits", uriRemedy)
        case .invalidText: ("The link has control characters or is not UTF-8 text", uriRemedy)
        case .duplicateParameter(let name): ("The link names \(name) twice", uriRemedy)
        case .missingParameter(let name): ("The link lacks \(name)", uriRemedy)
        case .notGoogleMigration:
            (
                "That is not Google Authenticator's export",
                "It begins with otpauth-migration://offline?data= (the link of one account goes to: coffer otp add)"
            )
        case .migrationTooLong(let maximum):
            ("The export is longer than \(grouped(maximum)) bytes", exportRemedy)
        case .migrationData: ("The export has no data, or has them twice", exportRemedy)
        case .base64(.symbol(let position)):
            ("The export's data have a character at position \(position + 1) that does not belong there", exportRemedy)
        case .base64(.length(let symbols)):
            ("No export's data have \(grouped(symbols)) characters: some are missing or doubled", exportRemedy)
        case .protobuf(let position):
            ("The export's data are damaged from byte \(grouped(position + 1)) on", exportRemedy)
        case .migrationAccounts(let maximum):
            ("There are more than \(grouped(maximum)) accounts in one part of the export", exportRemedy)
        case .migrationNumbers: ("The export's part has a number that no part has", exportRemedy)
        case .otherMigration:
            (
                "That part belongs to another export than the parts before it",
                "Export once, and take every QR code of that export."
            )
        case .migrationObstacle(let obstacle):
            (
                "Google Authenticator's export cannot hold that account: \(Self.words(obstacle))",
                "Take the account's own link with: coffer get TITLE otp-uri"
            )
        case .wrongKind:
            (
                "That only goes with the other kind of one-time password (time-based or counter-based)",
                "See which it is: coffer show TITLE"
            )
        case .timeOutOfRange: ("That time is outside what codes are computed for", "Use a time from 1970 on.")
        case .freshnessBeyondPeriod(let period):
            ("No code of this entry is ever valid for so long: its period is \(period) seconds", "Ask for less.")
        }
    }

    /// Why an account cannot go from Google Authenticator's export or into it, to stand behind a colon.
    package static func words(_ obstacle: GoogleMigration.Obstacle) -> String {
        switch obstacle {
        case .secretEmpty: "it has no key"
        case .secretTooLong: "its key is longer than \(grouped(OTPLimits.keyCount)) bytes"
        case .label: "its issuer or account is too long, has control characters or is not UTF-8 text"
        case .algorithm: "its hash is not SHA-1, SHA-256 or SHA-512"
        case .kind: "it is neither time-based nor counter-based"
        case .digits: "its codes do not have 6 or 8 digits"
        case .counter: "its counter is too large"
        case .period: "its period is not 30 seconds"
        case .steam: "its codes are Steam's"
        case .size: "its key and names are too long for one QR code"
        }
    }

    // MARK: Backup codes

    private init(_ error: BackupCodeTextError) {
        let (why, remedy) = Self.parts(error)
        self.init(code: .usage, why + "; nothing was changed.", remedy)
    }

    private static func parts(_ error: BackupCodeTextError) -> (why: String, remedy: String) {
        switch error {
        case .noCodes:
            (
                "No backup code was found in that text",
                "Give the list as the service shows it, or one code a line: 4 to 64 letters and digits, hyphens among"
                    + " them, at least one code with a digit."
            )
        case .tooLong(let maximum):
            ("That text is longer than \(grouped(maximum)) bytes", "Give the list of codes alone.")
        case .tooManyCodes(let maximum):
            ("There are more than \(grouped(maximum)) codes in that text", "Give the list of one service alone.")
        case .utf16: ("That text is in UTF-16", "Save it as UTF-8, or paste the codes.")
        case .notText:
            ("That is not a text in UTF-8", "Save the list as plain text in UTF-8, or paste the codes.")
        }
    }

    // MARK: Words

    /// The system's name of an error number.
    static func reason(_ number: Int32) -> String {
        // strerror returns a terminated string, copied at once; nobody else calls it meanwhile.
        guard let text = unsafe strerror(number) else { return "error \(number)" }
        return unsafe String(cString: text)
    }

    /// `text` with a capital and a full stop.
    private static func sentence(_ text: String) -> String {
        guard let first = text.first, let last = text.last else { return "" }
        return first.uppercased() + text.dropFirst() + (".!?:".contains(last) ? "" : ".")
    }

    private static func list(_ names: [String]) -> String { names.map(Shown.word).joined(separator: ", ") }

    /// 65536 as `65,536`.
    static func grouped(_ number: Int) -> String {
        let digits = String(number)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index) % 3 == 0 && text != "-" { text += "," }
            text.append(digit)
        }
        return text
    }
}
