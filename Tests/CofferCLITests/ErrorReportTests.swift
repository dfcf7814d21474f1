/// Tests the sentences and statuses that scripts and people rely on.
import CofferCLI
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferOTP
import CofferVault
import Glibc
import Testing

struct ErrorReportTests {
    @Test func `the sentences of the contract stand as written there`() {
        #expect(
            ErrorReport(VaultError.wrongPassword(path: "/v.coffer")).line
                == "coffer: error 3: That password or key file does not open /v.coffer; nothing was changed. Check Caps"
                + " Lock and the keyboard layout and try again, or use the recovery key: coffer passwd --recovery-key")
        #expect(
            ErrorReport(VaultError.damaged(path: "/v.coffer", place: "index")).line
                == "coffer: error 4: /v.coffer is damaged or was altered (index); it was left as it is. Earlier copies:"
                + " coffer backups. Rescue intact entries: coffer verify --salvage OUT. Do not delete the file.")
        #expect(
            ErrorReport(CLIError.cannotAsk(.unlocking)).line
                == "coffer: error 5: The vault is locked, no agent answers and there is no terminal to ask on. Run"
                + " coffer unlock first, or pass --password-fd N.")
    }

    private static let statuses: [(any Error & Sendable, ExitCode)] = [
        (VaultError.vaultMissing(path: "p"), .notFound),
        (VaultError.vaultExists(path: "p"), .refused),
        (VaultError.wrongPassword(path: "p"), .wrongPassword),
        (VaultError.damaged(path: "p", place: "header"), .damaged),
        (VaultError.unsupported(path: "p", what: "format version 9"), .unsupported),
        (VaultError.inUse(path: "p", why: "the lock"), .inUse),
        (VaultError.refused(why: "it is hard-linked", remedy: "copy it"), .refused),
        (VaultError.limitExceeded(what: "256 KiB"), .unsupported),
        (VaultError.notFound(what: "entry x", near: []), .notFound),
        (VaultError.ambiguous(what: "x", candidates: ["a", "b"]), .notFound),
        (VaultError.conflict(title: "a", field: "password"), .conflict),
        (VaultError.system(action: "write", path: "p", errno: ENOSPC), .failed),
        (VaultError.invalidInput(why: "the field name is empty"), .usage),
        (CLIError.usage(why: "W.", remedy: "R."), .usage),
        (CLIError.secretAsArgument(option: "--password"), .refused),
        (CLIError.cannotAsk(.unlocking), .locked),
        (CLIError.cannotAsk(.value(what: "the title", option: "TITLE")), .usage),
        (CLIError.cannotAsk(.confirmation(what: "It goes.", option: "--yes")), .refused),
        (CLIError.cancelled, .interrupted),
        (CLIError.cancelledAfterSaving(saved: 1, left: 1), .interrupted),
        (CLIError.declined, .failed),
        (CLIError.interrupted, .interrupted),
        (CLIError.tooLong(what: "The password", maximumBytes: 1024), .usage),
        (CLIError.answersDiffer(what: "The password"), .failed),
        (CLIError.unreadable(option: "--password-fd", errno: EBADF), .usage),
        (CLIError.unreadable(option: "--password-fd", errno: EISDIR), .usage),
        (CLIError.nothingToRead(option: "--password-fd"), .usage),
        (CLIError.secretFromTerminal(option: "--password-fd"), .usage),
        (CLIError.clipboardMissing(.x11), .failed),
        (CLIError.clipboardMissing(.desktop), .failed),
        (CLIError.clipboardFailed(program: "xclip"), .failed),
        (CLIError.clipboardTimedOut(program: "xclip"), .failed),
        (CLIError.clipboardUnguarded, .failed),
        (CLIError.outputClosed, .outputClosed),
        (CLIError.outputFailed(errno: ENOSPC), .failed),
        (CLIError.terminalFailed(errno: EIO), .failed),
        (CLIError.ended(.findings), .findings),
        (PasswordError.empty, .usage),
        (RecoveryKeyError.checksumMismatch, .wrongPassword),
        (CryptoError.outOfMemory, .failed),
        (FormatError.truncated, .damaged),
        (OTPError.secretSymbol(position: 3), .usage),
        (OTPError.freshnessBeyondPeriod(periodSeconds: 30), .usage),
        (OTPError.missingParameter(.secret), .usage),
        (OTPError.googleMigration, .usage),
        (OTPError.notGoogleMigration, .usage),
        (OTPError.migrationTooLong(maximumBytes: 65_536), .usage),
        (OTPError.migrationData, .usage),
        (OTPError.base64(.symbol(position: 0)), .usage),
        (OTPError.base64(.length(symbols: 5)), .usage),
        (OTPError.protobuf(position: 0), .usage),
        (OTPError.migrationAccounts(maximum: 1_000), .usage),
        (OTPError.migrationNumbers, .usage),
        (OTPError.otherMigration, .usage),
        (OTPError.migrationObstacle(.steam), .usage),
    ]

    @Test
    func `Google Authenticator's export sends to its own command, and an account that it cannot hold is told why`() {
        #expect(
            ErrorReport(OTPError.googleMigration).sentences.hasSuffix("Take them in with: coffer otp import-google"))
        let words = GoogleMigration.Obstacle.allCases.map(ErrorReport.words)
        #expect(Set(words).count == words.count)
        #expect(words.allSatisfy { !$0.isEmpty && !$0.hasSuffix(".") })
    }

    @Test func `every error has its status and two sentences on one line`() {
        for (error, code) in Self.statuses {
            let report = ErrorReport(error)
            #expect(report.code == code, "\(error)")
            guard !report.sentences.isEmpty else { continue }
            #expect(!report.sentences.contains("\n"), "\(error)")
            #expect(!report.sentences.contains("Optional("), "\(error)")
            #expect(!report.sentences.contains(".."), "\(error): \(report.sentences)")
            #expect(!report.sentences.contains("CofferOTP"), "\(error): \(report.sentences)")
        }
        #expect(Self.statuses.filter { ErrorReport($0.0).line == nil }.count == 3)
    }

    @Test func `a sentence begins with a capital, and a path as it is`() {
        let word = ErrorReport(VaultError.invalidInput(why: "the title is empty")).sentences
        #expect(word.hasPrefix("The title is empty."))
        let path = ErrorReport(VaultError.refused(why: "other.coffer is a different vault", remedy: "")).sentences
        #expect(path == "other.coffer is a different vault.")
    }

    @Test func `a path or title cannot steer the terminal`() {
        let line = ErrorReport(VaultError.vaultMissing(path: "/\u{1B}[2J\n\u{202E}x")).line
        #expect(line?.contains("/\\u{1B}[2J\\n\\u{202E}x.") == true)
        let near = ErrorReport(VaultError.notFound(what: "entry", near: ["\u{1B}]0;x\u{7}"])).line
        #expect(near?.contains("$'\\x1b]0;x\\x07'") == true)
    }

    @Test func `names in a remedy can be pasted into a shell`() {
        #expect(
            ErrorReport(VaultError.conflict(title: "it's mine", field: "password")).sentences
                .contains("coffer resolve 'it'\\''s mine' password"))
        #expect(
            ErrorReport(VaultError.ambiguous(what: "vk", candidates: ["vk@anna", "my vk"])).sentences
                == "Several entries match vk. Say which one: vk@anna, 'my vk'.")
    }

    @Test func `an error from elsewhere shows nothing of itself`() {
        struct Foreign: Error, CustomStringConvertible { let description = "hunter2" }
        let line = ErrorReport(Foreign()).line
        #expect(line?.hasPrefix("coffer: error 1: ") == true)
        #expect(line?.contains("hunter2") == false)
    }

    @Test func `figures are written with separators`() {
        #expect(
            ErrorReport(CLIError.tooLong(what: "The note", maximumBytes: 1_048_576)).sentences
                .contains("1,048,576 bytes"))
    }
}
