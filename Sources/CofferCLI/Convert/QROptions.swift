/// The options that name the picture of a QR code.
import ArgumentParser
import CofferOTP

struct QROptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Read the QR code of this picture, PNG or JPEG; - reads standard input.", valueName: "image")
    )
    var qr: String?

    @Flag(name: .customLong("qr-clipboard"), help: "Read the QR code of the picture in the clipboard.")
    var qrClipboard = false

    @Option(
        name: .customLong("qr-number"),
        help: ArgumentHelp("Which one is meant where the picture shows several, from 1 on.", valueName: "n"))
    var qrNumber: Int?

    var isGiven: Bool { qr != nil || qrClipboard }

    func validate() throws {
        guard qr == nil || !qrClipboard else {
            throw CLIError.usage(
                why: "Only one of --qr and --qr-clipboard can name the picture.", remedy: "Leave one out.")
        }
        guard qrNumber == nil || isGiven else {
            throw CLIError.usage(
                why: "The option --qr-number goes with --qr.", remedy: "Leave it out, or name a picture.")
        }
    }

    /// What the picture holds; nil where none is named.
    func read(_ prompt: TerminalPrompt) throws -> OTPParameters? {
        guard let input else { return nil }
        return try OTPPicture(prompt: prompt, number: qrNumber).read(input)
    }

    var input: ForeignInput? { qrClipboard ? .clipboard : qr.map { ForeignInput($0, option: "--qr") } }
}
