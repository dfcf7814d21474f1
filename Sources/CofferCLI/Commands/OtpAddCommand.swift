/// `coffer otp add`: gives an entry the key of its one-time password.
import ArgumentParser
import CofferCrypto
import CofferMemory
import CofferModel
import CofferOTP
import CofferVault

struct OtpAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Give an entry the key of its one-time password.",
        discussion: """
            The key is an otpauth link, which is what the QR code holds, or the letters and digits that services print \
            beside it. Without an option that says where it comes from, it is asked for and not shown. Counter-based \
            passwords (HOTP) and Steam's come as links.

            An entry that has a one-time password keeps the old key in its history.

            Examples:
              coffer otp add work/vk-cloud
              coffer otp add work/vk-cloud --qr screenshot.png
              coffer otp add work/vk-cloud --uri-stdin <qr.txt
              coffer otp add work/token --key-stdin --algorithm sha256 --digits 8 <key.txt
            """, aliases: ["insert"])

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions

    @Flag(name: .customLong("uri-stdin"), help: "Read an otpauth link from standard input.")
    var uriStdin = false

    @Flag(name: .customLong("key-stdin"), help: "Read a base32 key from standard input.")
    var keyStdin = false

    @Option(
        name: .customLong("value-fd"),
        help: ArgumentHelp("Read a link or key from this file descriptor: its first line.", valueName: "n"))
    var valueFD: Int?

    @OptionGroup var qrOptions: QROptions
    @OptionGroup var settings: OTPSettings

    @Flag(name: .shortAndLong, help: "Replace the one-time password that the entry has.")
    var yes = false

    func validate() throws {
        guard [uriStdin, keyStdin, valueFD != nil, qrOptions.isGiven].count(where: { $0 }) <= 1 else {
            throw CLIError.usage(
                why: "Only one of --uri-stdin, --key-stdin, --value-fd and --qr can give the key.",
                remedy: "Leave out all but one.")
        }
        guard !(uriStdin || qrOptions.isGiven) || !settings.isAnyGiven else { throw OTPSettings.linkSaysThem }
    }

    func run() throws {
        let session = try vaultOptions.open()
        let entry = try session.find(entryOptions.query(), .only([.otp]))
        let parameters = try read(account: entry.username ?? "")
        if let old = entry.text(.otp), entry.heads[.otp]?.count == 1,
            old == SecretSlice(OTPAuthURI.serialize(parameters))
        {
            return Output.message("\(Shown.text(entry.title)) has this one-time password already; nothing was changed.")
        }
        if entry.text(.otp) != nil && !yes {
            let title = Shown.text(entry.title)
            let isMeant = try vaultOptions.prompt.confirm(
                prompt: "\(title) has a one-time password. Replace it? The history keeps the old key.",
                consequence: "\(title) has a one-time password, which this would replace; nothing was changed.")
            guard isMeant else { throw CLIError.declined }
        }
        try session.setOTP(entry, parameters)
        Output.message("Saved for \(Shown.text(entry.title)): \(Self.summary(parameters)).")
    }

    private func read(account: String) throws -> OTPParameters {
        if let parameters = try qrOptions.read(vaultOptions.prompt) { return parameters }
        if uriStdin {
            let text = try OTPInput.readAll(option: "--uri-stdin")
            return try OTPInput.parseURI(text.span)
        }
        if keyStdin {
            let text = try OTPInput.readAll(option: "--key-stdin")
            return try settings.parseKey(text.span, account: account)
        }
        if let valueFD {
            let text = try SecretInput(descriptor: valueFD, option: "--value-fd").readLine(
                maximumBytes: OTPInput.textCount)
            return try settings.parse(text.span, account: account)
        }
        let text = try vaultOptions.prompt.askSecret(
            prompt: "Key or otpauth link: ",
            or: .value(what: "the key", option: "--qr IMAGE, --uri-stdin, --key-stdin or --value-fd N"),
            what: "The key",
            maximumBytes: 4094)
        return try settings.parse(text.span, account: account)
    }

    private static func summary(_ parameters: OTPParameters) -> String {
        let form =
            switch parameters.form {
            case .digits(let count): "\(count) digits"
            case .steam: "Steam's five symbols"
            }
        let change =
            switch parameters.kind {
            case .totp(let seconds): "a new code every \(seconds) s"
            case .hotp(let counter): "counter-based, next counter \(counter)"
            }
        let issuer = parameters.issuer.map { ", for \(Shown.text($0))" } ?? ""
        return "\(form), \(change), \(OTPSettings.name(parameters.algorithm))\(issuer)"
    }
}
