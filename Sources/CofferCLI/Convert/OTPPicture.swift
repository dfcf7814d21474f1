/// One-time passwords from the QR codes of a picture.
import CofferExchange
import CofferMemory
import CofferModel
import CofferOTP
import CofferVault

struct OTPPicture {
    private typealias Found = (parameters: OTPParameters, warnings: [OTPWarning])

    let prompt: TerminalPrompt
    /// Which of several is meant, from 1 on; asked for where it is not given.
    let number: Int?

    /// The settings that the picture shows; where it shows several, the one that a person picks.
    func read(_ input: ForeignInput) throws -> OTPParameters {
        let found = try Self.all(input)
        if let number {
            guard (1...found.count).contains(number) else {
                throw CLIError.usage(
                    why: "The picture shows \(found.count) one-time passwords; there is no number \(number).",
                    remedy: "Leave --qr-number out to see them.")
            }
            return say(found[number - 1])
        }
        guard found.count > 1 else { return say(found[0]) }
        return say(found[try pick(found)])
    }

    /// Every one-time password in the picture, at least one.
    private static func all(_ input: ForeignInput) throws -> [Found] {
        guard case .symbols(let texts) = try input.convert(.readQR, countMaximum: ConversionLimits.pictureCount) else {
            throw CLIError.converter(.ended(input: input.name))
        }
        guard !texts.isEmpty else { throw CLIError.noQRCode(input: input.name) }
        var found: [Found] = []
        var failure: OTPError?
        for text in texts {
            do throws(OTPError) {
                found += try Self.accounts(text)
            } catch {
                // A link beside a damaged code must not hide the damage.
                if failure == nil || failure == .notOTPAuth { failure = error }
            }
        }
        guard found.isEmpty else { return found }
        throw failure == .notOTPAuth ? CLIError.noOTPInQRCode(input: input.name) : failure ?? .notOTPAuth
    }

    /// One of a link, several of an export of Google Authenticator.
    private static func accounts(_ text: SecretSlice) throws(OTPError) -> [Found] {
        do throws(OTPError) {
            let parsed = try OTPAuthURI.parse(text.span)
            return [(parsed.parameters, parsed.warnings)]
        } catch {
            guard error == .googleMigration else { throw error }
        }
        return try GoogleMigration.parse(text.span).accounts.map {
            ($0, $0.warnings)
        }
    }

    private func say(_ found: Found) -> OTPParameters {
        OTPInput.say(found.warnings)
        return found.parameters
    }

    private func pick(_ found: [Found]) throws -> Int {
        Output.message("The picture shows \(found.count) one-time passwords:")
        for (index, one) in found.enumerated() {
            Output.message("  \(index + 1)  \(Self.name(one.parameters))")
        }
        while true {
            let answer = try prompt.askLine(
                prompt: "Which one? [1-\(found.count)] ",
                or: .value(what: "which one is meant", option: "--qr-number N"))
            if let number = Int(answer), (1...found.count).contains(number) { return number - 1 }
            Output.message("Please type a number from 1 to \(found.count).")
        }
    }

    /// What tells it from others: never anything of the key.
    static func name(_ parameters: OTPParameters) -> String {
        let parts = [parameters.issuer ?? "", parameters.account].filter { !$0.isEmpty }
        return parts.isEmpty ? "without a name" : Shown.text(parts.joined(separator: ", "))
    }
}
