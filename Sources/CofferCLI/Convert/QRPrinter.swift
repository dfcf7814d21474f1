/// Shows the QR code of a secret text, or writes its picture.
import CofferExchange
import CofferMemory
import CofferVault

enum QRPrinter {
    /// Draws it on standard output. A person sees it on a screen of its own until a key is pressed, and it does not stay behind. A
    /// terminal that is too small for it is refused. Returns whether a person has said that it was
    /// seen.
    @discardableResult
    static func show(_ text: SecretSlice, of title: String, _ prompt: TerminalPrompt) throws -> Bool {
        let code = try QRText(text.span, named: "the QR code of \(title)")
        let output = Output.standard
        let isOwnScreen = LiveScreen.isThere && prompt.isAvailable
        // Else it would lie in what can be scrolled back to, with its top out of sight.
        let isTooHigh = isOwnScreen && LiveScreen.lines <= code.lines
        guard !output.isTerminal || (output.columns >= code.columns && !isTooHigh) else {
            throw CLIError.tooSmall(columns: code.columns, lines: code.lines + 1)
        }
        let drawn = SecretSlice(code.rendered(usesColor: output.usesColor))
        guard isOwnScreen else {
            try output.write(drawn.span)
            return false
        }
        try QRScreen(picture: drawn).run()
        return true
    }

    /// Makes a new file that only its owner can read.
    static func write(_ text: SecretSlice, to path: String, of title: String) throws {
        let name = "the QR code of \(title)"
        guard case .picture(let picture) = try Converter.run(.drawPicture, giving: text.span, named: name) else {
            throw CLIError.converter(.ended(input: name))
        }
        guard path != "-" else { return try Output.standard.write(picture.span) }
        try SecretFile.create(path, picture.span)
        Output.message(
            "Wrote the QR code of \(Shown.text(title)) to \(Shown.text(path)). Who sees it can make the codes: delete it afterwards."
        )
    }
}
