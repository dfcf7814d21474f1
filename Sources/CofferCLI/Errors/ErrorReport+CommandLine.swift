/// What is told of a command line, its questions and what it writes; ErrorReport.swift says how.
import CofferExchange
import Glibc

extension ErrorReport {
    init(_ error: CLIError) {
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
        case .noCodesLeft(let title, let spoken, true):
            self.init(
                code: .notFound, "No unused backup code is left for \(title).",
                CodesReport.remedy(spoken))
        case .noCodesLeft(let title, let spoken, false):
            self.init(
                code: .notFound, "There are no backup codes for \(title).",
                "Add them: " + Shown.command("codes add", spoken))
        case .inSharedAccount(let what, let title, let account):
            self.init(
                code: .notFound, "There is no \(what) in \(title), which shares the account of \(account).",
                "Take it from there: name \(Shown.word(account)) instead.")
        case .clipboardMissing(let absence):
            let (why, remedy) = Self.parts(absence)
            self.init(code: .failed, why, remedy)
        case .clipboardFailed(let program):
            self.init(
                code: .failed, "\(program) failed, so nothing was copied.",
                "See whether it works here: echo test | \(program). Or print the value: leave --clip out.")
        case .clipboardUnsure(let program):
            self.init(
                code: .failed,
                "\(program) took the value and does not show what the clipboard holds; it was told to clear it.",
                "See what is in the clipboard, and whether it works here: echo test | \(program)")
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
        case .noPictureInClipboard:
            self.init(
                code: .notFound, "No picture came from the clipboard; nothing was changed.",
                "Copy the screenshot again, or save it and name its file: --qr FILE. If that fails too, see whether wl-paste or xclip"
                    + " works here.")
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
        case .noCloud(let input):
            self.init(
                code: .notFound, "There is no OpenStack setting in \(input); nothing was changed.",
                "An openrc file has lines like export OS_AUTH_URL=…; the name of a clouds.yaml must end in .yaml or .yml."
            )
        case .noQRCode(let input):
            self.init(
                code: .notFound, "There is no QR code to be seen in \(input); nothing was changed.",
                "Take a screenshot that shows the whole code, sharp and with some white around it.")
        case .noOTPInQRCode(let input):
            self.init(
                code: .notFound, "The QR code in \(input) holds no one-time password; nothing was changed.",
                "It may be for a link or an app: take the one that the service shows for an authenticator.")
        case .tooSmall(let columns, let lines):
            self.init(
                code: .usage,
                "The QR code needs \(columns) columns and \(lines) lines, which the terminal does not have.",
                "Make the window larger or the letters smaller, or have a picture made: --output FILE.png")
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

    static func parts(_ absence: CLIError.ClipboardAbsence) -> (why: String, remedy: String) {
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
                    + " like kitty, foot or WezTerm. Or do without: coffer get and coffer otp print, --qr FILE reads."
            )
        case .multiplexer:
            (
                "There is no clipboard: no desktop (DISPLAY or WAYLAND_DISPLAY), and tmux or screen stands before the terminal.",
                "Copy outside of it: it would keep the value among its own buffers. Or do without: coffer get and coffer otp print,"
                    + " --qr FILE reads."
            )
        }
    }

    static func sentence(_ path: String, _ fault: CLIError.PinentryFault) -> String {
        switch fault {
        case .missing: "There is no pinentry program \(path)"
        case .notStarted(let number): "The pinentry program \(path) cannot be started: \(reason(number))"
        case .ended: "The pinentry program \(path) ended without an answer"
        case .silent: "The pinentry program \(path) does not respond"
        case .garbled: "What \(path) answers is not what a pinentry program says"
        case .refused(let code): "The pinentry program \(path) could not ask (its error \(code & 0xFFFF))"
        }
    }
}
