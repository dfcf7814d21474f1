/// Shows the QR code of a secret text, or writes its picture.
import CofferExchange
import CofferMemory
import CofferVault

enum QRPrinter {
    /// Draws it on standard output. A terminal that is too narrow would break its lines, so it is refused there.
    static func show(_ text: SecretSlice, of title: String) throws {
        let code = try QRText(text.span, named: "the QR code of \(title)")
        let output = Output.standard
        guard !output.isTerminal || output.columns >= code.columns else {
            throw CLIError.usage(
                why: "The QR code has \(code.columns) columns, and the terminal only \(output.columns).",
                remedy: "Make the window wider or the letters smaller, or have a picture made: --output FILE.png")
        }
        let drawn = code.rendered(usesColor: output.usesColor)
        try output.write(drawn.span)
    }

    /// Makes a new file that only its owner can read.
    static func write(_ text: SecretSlice, to path: String, of title: String) throws {
        let name = "the QR code of \(title)"
        guard case .picture(let picture) = try Converter.run(.drawPicture, giving: text.span, named: name) else {
            throw CLIError.converter(.ended(input: name))
        }
        try SecretFile.create(path, picture.span)
        Output.message(
            "Wrote the QR code of \(Shown.text(title)) to \(Shown.text(path)). Who sees it can make the codes: delete it afterwards."
        )
    }
}
