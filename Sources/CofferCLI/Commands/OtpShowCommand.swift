/// `coffer otp [TITLE]`: the code to sign in with.
import ArgumentParser
import CofferMemory
import CofferModel
import CofferOTP
import CofferVault

struct OtpShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print the code of an entry, or of all entries.",
        discussion: """
            Prints the code that is valid now, and nothing else. Without TITLE, lists the codes of all entries that have \
            a one-time password: title, code, seconds left, user name.

            A counter-based password (HOTP) has no current code: --next draws the next one, and the vault is saved \
            before the code is printed.

            --json prints code, digits, period, remaining (seconds), next (the code after it), valid_from and \
            valid_until (not valid any more); for HOTP code, digits and counter. Without TITLE it prints an array whose \
            elements have id, title, username and kind (totp or hotp) too; for HOTP, counter is the one to come, and \
            there is no code. An entry in conflict has conflict: true and no code.

            With --clip nothing is printed: the code goes to the clipboard, and is cleared from there.
            --watch shows the codes live on a screen of its own, with a bar for the time that is left. q ends it with \
            status 0, Ctrl-C with 130; then the screen is as it was before.

            Examples:
              coffer otp work/vk-cloud
              coffer otp --watch
              coffer otp work/vk-cloud --fresh 10
              coffer otp work/vk-cloud --at 2026-05-01T12:00:00Z
            """)

    @OptionGroup var vaultOptions: VaultOptions

    @Argument(help: "The entry: its title, title@username, or id: and the start of its id. Without it, all.")
    var title: String?

    @Option(help: ArgumentHelp("Only entries with this user name.", valueName: "name"))
    var username: String?

    @Option(help: ArgumentHelp("The code at this time: RFC 3339, or seconds since 1970.", valueName: "time"))
    var at: String?

    @Option(help: ArgumentHelp("Wait until the code is valid for at least so long.", valueName: "seconds"))
    var fresh: Int?

    @Flag(help: "The code after this one; for a counter-based password, draw the next.")
    var next = false

    @Flag(help: "Show the codes live until q is pressed.")
    var watch = false

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var pickOptions: PickOptions
    @OptionGroup var clipOptions: ClipOptions

    func validate() throws {
        try clipOptions.refuse(json, beside: "--json")
        if let at, UTCTime(at) == nil {
            throw CLIError.usage(
                why: "The option --at takes a time like 2026-05-01T12:00:00Z, or seconds since 1970.",
                remedy: "See: coffer otp show --help")
        }
        if let time = at.flatMap({ UTCTime($0) }), !(0...OTPLimits.unixSecondsMaximum).contains(time.unixSeconds) {
            throw OTPError.timeOutOfRange
        }
        if let fresh, fresh < 0 {
            throw CLIError.usage(why: "The option --fresh takes a number of seconds.", remedy: "")
        }
        guard fresh == nil || (at == nil && !next) else {
            throw CLIError.usage(
                why: "The option --fresh waits for the current code; it does not go with --at or --next.",
                remedy: "Leave one of them out.")
        }
        guard !watch || (fresh == nil && at == nil && !next && !json && !clipOptions.clip) else {
            throw CLIError.usage(
                why:
                    "The option --watch shows the current codes; it does not go with --json, --clip, --at, --next or --fresh.",
                remedy: "Leave one of them out.")
        }
        guard title != nil || (fresh == nil && !next && !clipOptions.clip) else {
            throw CLIError.usage(
                why: "The options --fresh, --next and --clip need the title of one entry.",
                remedy: "List all: coffer otp")
        }
        _ = try pickOptions.pick
    }

    func run() throws {
        guard !watch else { return try showLive() }
        let clipboard = try clipOptions.clipboard()
        let session = try vaultOptions.open()
        guard let title else {
            let source = OneTimeCodeSource(session, pick: try pickOptions.pick, username: username)
            return try OneTimeCodeList(source: source, atSeconds: time(session)).print(json: json)
        }
        let query = EntryQuery(title, username: username)
        let picksNewest = try pickOptions.pick == .newest
        var atSeconds = time(session)
        var found = try firstFound(query, session, atSeconds: atSeconds)
        if case .counter = found.state { return try draw(session, found, title, clipboard) }
        if let fresh, case .code(let code) = found.state {
            try FreshCodeWait(seconds: fresh, now: session.author.nowSeconds).wait(code)
            atSeconds = time(session)
            found = try session.oneTimeCode(query, picksNewest: picksNewest, atSeconds: atSeconds)
        }
        if next, case .code(let code) = found.state {
            found = try session.oneTimeCode(query, picksNewest: picksNewest, atSeconds: code.validUntilSeconds)
        }
        // It may have become another kind while a fresh code was waited for.
        guard case .code(let timed) = found.state else { throw counts(title) }
        let code = OneTimeCode(timed, atSeconds: atSeconds)
        if let clipboard { return try clipboard.copy(code, of: found.title, isCurrent: at == nil) }
        guard !json else { return try code.printJSON() }
        try Output.standard.print(value: code.code.span)
        guard Output.standard.isTerminal && at == nil else { return }
        Output.message(
            next
                ? "valid in \(code.remainingSeconds - code.periodSeconds) s, for \(code.periodSeconds) s"
                : "valid for \(code.remainingSeconds) s")
    }

    private func showLive() throws {
        try OneTimeCodeWatch.requireScreen()
        let session = try vaultOptions.open()
        try OneTimeCodeWatch(source: liveSource(session), clock: OneTimeCodeWatch.systemClock).run()
    }

    private func liveSource(_ session: any Session) throws -> OneTimeCodeSource {
        let pick = try pickOptions.pick
        guard let title else { return OneTimeCodeSource(session, pick: pick, username: username) }
        let query = EntryQuery(title, username: username)
        guard case .code = try firstFound(query, session, atSeconds: time(session)).state else { throw counts(title) }
        return OneTimeCodeSource(session, query, pick: pick)
    }

    private func firstFound(
        _ query: EntryQuery, _ session: any Session, atSeconds: Int64
    ) throws -> OneTimeEntry {
        do {
            return try session.oneTimeCode(query, picksNewest: pickOptions.pick == .newest, atSeconds: atSeconds)
        } catch VaultError.notInEntry(let what, _, _) {
            throw SharedAccount.absence(of: what, [.otp], in: try session.find(query, .nothing), session)
        }
    }

    private func counts(_ title: String) -> CLIError {
        .usage(
            why: "This one-time password counts: each code is drawn, saved, and not given out again.",
            remedy: "The next code: " + Shown.command("otp --next", EntryOptions.spoken(title, username)))
    }

    private func time(_ session: any Session) -> Int64 {
        at.flatMap { UTCTime($0) }?.unixSeconds ?? Int64(clamping: session.author.nowSeconds())
    }

    private func draw(
        _ session: any Session, _ found: OneTimeEntry, _ title: String, _ clipboard: Clipboard?
    ) throws {
        guard at == nil, fresh == nil else { throw OTPError.wrongKind }
        guard next else { throw counts(title) }
        // The counter is saved before the code comes back.
        let drawn = try session.drawHOTP(found.id)
        if let clipboard { return try clipboard.copy(drawnCode: drawn.code, of: found.title) }
        guard json else { return try Output.standard.print(value: drawn.code.span) }
        try OneTimeCode.printJSON(drawn.code, counter: drawn.counter)
    }
}
