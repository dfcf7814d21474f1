/// The steps between a key that is pending and one that is current.
import CofferMemory
import CofferModel
import CofferOTP
import CofferVault

struct Enrolment {
    let session: any Session
    let id: EntryID
    let title: String
    /// The entry as the person named it.
    let spoken: String
    let username: String?
    let parameters: OTPParameters
    let prompt: TerminalPrompt

    /// Shows codes until the person says that the service has accepted one. False where it was left for later; without a terminal
    /// the code is printed, and it is for later too.
    func waitForService() throws -> Bool {
        guard prompt.isAvailable else {
            try printFreshCode()
            return false
        }
        let command = Shown.command("enrol --resume", spoken)
        Output.message("Saved as pending. Whatever happens now, this goes on: \(command)")
        let screen = PendingCodeScreen(
            id: id, title: title, username: username, parameters: parameters, now: session.author.nowSeconds)
        while true {
            switch try LiveScreen.isThere ? screen.run() : screen.ask(prompt) {
            case .accepted: return true
            case .later: return false
            case .phone: try showForPhone()
            }
        }
    }

    /// For a script, which needs some time to hand it on.
    private func printFreshCode() throws {
        let now = session.author.nowSeconds
        func code() throws -> TimedCode { try TimedCode(parameters, atSeconds: Int64(clamping: now())) }
        try FreshCodeWait.wait(toHandOn: try code(), now: now)
        let fresh = try code()
        try Output.standard.print(value: fresh.code.span)
    }

    private func showForPhone() throws {
        do {
            let uri = SecretSlice(OTPAuthURI.serialize(parameters))
            guard try !QRPrinter.show(uri, of: title, prompt) else { return }
        } catch CLIError.tooSmall(let columns, let lines) {
            return try waitForEnter(
                "The QR code needs \(columns) columns and \(lines) lines. Make the window larger or the letters smaller, then press Enter: "
            )
        }
        try waitForEnter("Scan it with the phone's authenticator, then press Enter: ")
    }

    private func waitForEnter(_ text: String) throws {
        _ = try prompt.askLine(prompt: text, or: .value(what: "Enter", option: "--yes"))
    }

    /// `codes`, where the service has made them already, belong to what is proposed.
    func sayHowToGoOn(codes: String? = nil) {
        let options = (prompt.isAvailable ? "" : " --yes") + (codes.map { " --codes \(Shown.word($0))" } ?? "")
        Output.message(
            "\(Shown.text(title)) waits for confirmation, and nothing that was current has changed. When the service has accepted a code: "
                + Shown.command("enrol --resume\(options)", spoken) + ". To drop it: "
                + Shown.command("enrol --abort", spoken))
    }

    /// Makes key and codes current in one save. A list of codes that is refused is asked for again: the service shows it once.
    /// Returns the file that the codes came from.
    func confirm(codesFile: String?) throws -> EnrolmentFiles.Found? {
        var file = codesFile
        while true {
            // As it is before it is read.
            let found = file.flatMap { $0 == "-" ? nil : EnrolmentFiles.Found($0, "the file with the backup codes") }
            let codes: NewCodes?
            do {
                codes = try readCodes(file)
            } catch  where Self.isOfList(error) {
                file = try fileInstead(of: file, refusedBy: error)
                continue
            }
            do {
                try saveAtLast(codes)
                return found
            } catch let error as VaultError where codes != nil && Self.isOfCodes(error) {
                file = try fileInstead(of: file, refusedBy: error)
            }
        }
    }

    /// Where the codes are to come from after a refusal, which is thrown where nobody can be asked.
    private func fileInstead(of file: String?, refusedBy refusal: any Error) throws -> String? {
        guard prompt.isAvailable else {
            sayHowToGoOn(codes: file == "-" ? nil : file)
            throw refusal
        }
        Output.message(ErrorReport(refusal).sentences)
        // What was pasted is pasted again: a question that shows what is typed would show codes.
        return file == nil ? nil : try askForFile()
    }

    /// Saves, again when the disk has been mended: codes that the service shows once are not to be lost to a full one.
    private func saveAtLast(_ codes: NewCodes?) throws {
        while true {
            do {
                return try save(codes)
            } catch let error as VaultError {
                guard case .system = error else { throw error }
                guard prompt.isAvailable else {
                    sayHowToGoOn()
                    throw error
                }
                Output.message(ErrorReport(error).sentences)
                try waitForEnter("Nothing is lost yet. Press Enter to try again: ")
            }
        }
    }

    /// Whether another list, or the same one when it is there, mends what reading it threw.
    private static func isOfList(_ error: any Error) -> Bool {
        switch error {
        case is BackupCodeTextError: true
        case let error as VaultError:
            switch error {
            case .system, .fileMissing, .invalidInput, .limitExceeded: true
            default: false
            }
        default: false
        }
    }

    /// Whether a list is refused for its codes: all are known, or there are too many.
    private static func isOfCodes(_ error: VaultError) -> Bool {
        switch error {
        case .limitExceeded, .refused: true
        default: false
        }
    }

    private func askForFile() throws -> String? {
        let answer = try prompt.askLine(
            prompt: "The file with the backup codes (or Enter to paste them): ",
            or: .value(what: "the backup codes", option: "--codes FILE"))
        return answer.isEmpty ? nil : answer
    }

    private func readCodes(_ file: String?) throws -> NewCodes? {
        if let file { return try CodesInput.read(file, prompt) }
        guard prompt.isAvailable else { return nil }
        let text = try prompt.askLines(
            prompt:
                "Backup codes that the service shows (paste the list, then Enter on an empty line; none: just Enter):\n",
            hidden: true, or: .value(what: "the backup codes", option: "--codes FILE"), what: "The list of codes")
        return text.count == 0 ? nil : try CodesInput.parse(text.span)
    }

    private func save(_ codes: NewCodes?) throws {
        // Read anew: the person took minutes, and other machines may have been at work.
        let entry = try session.entryReadAgain(id, .everything)
        guard entry.text(.pendingOTP) == SecretSlice(OTPAuthURI.serialize(parameters)) else {
            throw VaultError.inUse(
                path: session.path, why: "another process finished or dropped this enrolment meanwhile")
        }
        let hadCodes = BackupCodes(entry).unusedCount
        let usedBefore = CodesReport.usedBefore(try session.confirmEnrolment(entry, codes: codes))
        let name = Shown.text(title)
        guard codes != nil else {
            Output.message("\(name) is enrolled.")
            guard hadCodes > 0 else {
                return Output.message(
                    "It has no backup codes: without them a lost vault is a lost account. Add them: "
                        + Shown.command("codes add", spoken))
            }
            return Output.message(
                "Its \(CodesReport.count(hadCodes)) are from before, and may be void: "
                    + Shown.command("codes replace", spoken))
        }
        Output.message("\(name) is enrolled, with new backup codes\(usedBefore).")
        CodesReport.sayLeft(BackupCodes(try session.entryNow(id, .nothing)).unusedCount, of: title, spoken: spoken)
    }
}
