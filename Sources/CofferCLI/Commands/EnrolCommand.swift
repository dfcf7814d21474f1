/// `coffer enrol`: turning two-factor authentication on, step by step as the service does.
import ArgumentParser
import CofferMemory
import CofferModel
import CofferOTP
import CofferVault

struct EnrolCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol", abstract: "Turn on two-factor authentication: key, first code, backup codes.",
        discussion: """
            The steps are those of the service's page: give the QR code (a screenshot, or the key by hand), type the code \
            that is shown into the page, say that the page accepted it, give the backup codes that the page shows then. \
            All of it becomes current in one save. The key is saved as pending before its first code is shown: whatever \
            happens in between locks nobody out. Go on with --resume, or drop it with --abort.

            Enrolling again replaces key and codes; the history keeps the old ones.

            Without a terminal the code goes to standard output; type it, then run coffer enrol --resume TITLE --yes.

            Examples:
              coffer enrol work/vk-cloud --qr screenshot.png --codes backup-codes.txt
              coffer enrol work/vk-cloud --qr-clipboard
              coffer enrol --resume work/vk-cloud
            """,
        aliases: ["enroll"])

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions
    @OptionGroup var qrOptions: QROptions

    @Flag(name: .customLong("key-stdin"), help: "Read a base32 key or an otpauth link from standard input.")
    var keyStdin = false

    @OptionGroup var settings: OTPSettings

    @Option(
        help: ArgumentHelp(
            "The backup codes: a text file, read once the service has accepted the code; - reads standard input.",
            valueName: "file"))
    var codes: String?

    @Flag(help: "Go on with what waits for confirmation.")
    var resume = false

    @Flag(help: "Drop what waits for confirmation; what is current stays.")
    var abort = false

    @Flag(name: .shortAndLong, help: "The service has accepted a code: confirm without asking.")
    var yes = false

    @Flag(
        name: .customLong("remove-files"), help: "Delete the screenshot and the codes file at the end, without asking.")
    var removeFiles = false

    func validate() throws {
        guard !(resume && abort) else {
            throw CLIError.usage(why: "The options --resume and --abort exclude each other.", remedy: "Leave one out.")
        }
        guard !(resume || abort) || !(qrOptions.isGiven || keyStdin || settings.isAnyGiven) else {
            throw CLIError.usage(
                why: "With --resume and --abort the key is known already.",
                remedy: "Leave the options out that give it.")
        }
        guard !abort || (codes == nil && !yes && !removeFiles) else {
            throw CLIError.usage(
                why: "With --abort nothing is confirmed.", remedy: "Leave out --codes, --yes and --remove-files.")
        }
        guard [qrOptions.isGiven, keyStdin].count(where: { $0 }) <= 1 else {
            throw CLIError.usage(why: "Only one of --qr and --key-stdin can give the key.", remedy: "Leave one out.")
        }
        guard [qrOptions.qr == "-", keyStdin, codes == "-"].count(where: { $0 }) <= 1 else {
            throw CLIError.usage(why: "Only one input can be standard input.", remedy: "Name a file for the other.")
        }
        guard !qrOptions.isGiven || !settings.isAnyGiven else { throw OTPSettings.linkSaysThem }
    }

    func run() throws {
        let session = try vaultOptions.open()
        let entry = try session.find(entryOptions.query(), .only([.otp, .pendingOTP]))
        if abort { return try drop(entry, session) }
        // As it is before it is read.
        let screenshot = qrOptions.qr.flatMap { $0 == "-" ? nil : EnrolmentFiles.Found($0, "the screenshot") }
        let pending = try resume ? kept(entry, session) : begin(entry, session)
        let enrolment = Enrolment(
            session: session, id: entry.id, title: entry.title, spoken: entryOptions.spoken, username: entry.username,
            parameters: pending,
            prompt: vaultOptions.prompt)
        guard try yes || enrolment.waitForService() else { return enrolment.sayHowToGoOn() }
        let codesFile = try enrolment.confirm(codesFile: codes)
        let files = [screenshot, codesFile].compactMap { $0 }
        try EnrolmentFiles(files: files, prompt: vaultOptions.prompt).offerRemoval(isMeant: removeFiles)
    }

    /// The key that an interrupted enrolment left.
    private func kept(_ entry: Entry, _ session: any Session) throws -> OTPParameters {
        if entry.conflicts.contains(.pendingOTP) {
            throw VaultError.refused(
                why: "several enrolments of \(entry.title) wait for confirmation; nothing was changed",
                remedy:
                    "Choose the key that the service has: \(Shown.command("resolve", entryOptions.spoken, "otp-pending")). Or drop"
                    + " them all: \(Shown.command("enrol --abort", entryOptions.spoken))")
        }
        guard let pending = try session.pendingOTP(entry) else {
            throw VaultError.notInEntry(what: "enrolment that waits for confirmation", title: entry.title)
        }
        return pending
    }

    /// Reads the key and saves it as pending, before anybody sees a code of it.
    private func begin(_ entry: Entry, _ session: any Session) throws -> OTPParameters {
        try refuseSecond(entry)
        let parameters = try readKey(account: entry.username ?? "")
        guard case .totp = parameters.kind else {
            throw CLIError.usage(
                why: "That one-time password counts, and cannot wait for confirmation; nothing was changed.",
                remedy: "Add it at once: " + Shown.command("otp add", entryOptions.spoken))
        }
        if let old = try? session.otpParameters(entry), old.key == parameters.key {
            throw VaultError.refused(
                why: "this key is the one that \(entry.title) has already; nothing was changed",
                remedy: "For new backup codes: " + Shown.command("codes replace", entryOptions.spoken))
        }
        sayOtherAccount(parameters, entry)
        // Typing a key takes a while, in which another terminal may have begun.
        let now = try session.entryReadAgain(entry.id, .only([.otp, .pendingOTP]))
        try refuseSecond(now)
        try session.beginEnrolment(now, parameters)
        return parameters
    }

    private func refuseSecond(_ entry: Entry) throws(VaultError) {
        guard entry.text(.pendingOTP) == nil else {
            throw VaultError.refused(
                why: "an enrolment of \(entry.title) waits for confirmation already; nothing was changed",
                remedy: "Go on with it: \(Shown.command("enrol --resume", entryOptions.spoken)). Or drop it: "
                    + Shown.command("enrol --abort", entryOptions.spoken))
        }
    }

    private func readKey(account: String) throws -> OTPParameters {
        if let parameters = try qrOptions.read(vaultOptions.prompt) { return parameters }
        if keyStdin {
            let text = try OTPInput.readAll(option: "--key-stdin")
            return try settings.parse(text.span, account: account)
        }
        let text = try vaultOptions.prompt.askSecret(
            prompt: "Key (or otpauth link) that the service shows: ",
            or: .value(what: "the key", option: "--qr IMAGE or --key-stdin"), what: "The key", maximumBytes: 4094)
        return try settings.parse(text.span, account: account)
    }

    /// A screenshot of another account is an easy slip, and a label is no proof of one.
    private func sayOtherAccount(_ parameters: OTPParameters, _ entry: Entry) {
        guard let username = entry.username, !parameters.account.isEmpty, parameters.account != username else { return }
        Output.message(
            "coffer: warning: the key is labelled \(Shown.text(parameters.account)), and \(Shown.text(entry.title)) has"
                + " \(Shown.text(username)). If it is another account's: \(Shown.command("enrol --abort", entryOptions.spoken))"
        )
    }

    private func drop(_ entry: Entry, _ session: any Session) throws {
        guard entry.text(.pendingOTP) != nil else {
            throw VaultError.notInEntry(what: "enrolment that waits for confirmation", title: entry.title)
        }
        try session.abortEnrolment(entry)
        let title = Shown.text(entry.title)
        Output.message(
            entry.text(.otp) == nil
                ? "Dropped; \(title) has no one-time password. The history keeps the key."
                : "Dropped; the one-time password of \(title) stays what it was. The history keeps the key.")
    }
}
