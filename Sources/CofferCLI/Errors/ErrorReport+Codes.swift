/// What is told of one-time passwords and backup codes; ErrorReport.swift says how.
import CofferMemory
import CofferModel
package import CofferOTP

extension ErrorReport {
    init(_ error: OTPError) {
        let (why, remedy) = Self.parts(error)
        self.init(code: .usage, why + "; nothing was changed.", remedy)
    }

    static func parts(_ error: OTPError) -> (why: String, remedy: String) {
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

    init(_ error: BackupCodeTextError) {
        let (why, remedy) = Self.parts(error)
        self.init(code: .usage, why + "; nothing was changed.", remedy)
    }

    static func parts(_ error: BackupCodeTextError) -> (why: String, remedy: String) {
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
}
