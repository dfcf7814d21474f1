/// Reads a list of backup codes and says what it understood.
import CofferMemory
import CofferModel
import CofferVault

enum CodesInput {
    /// The codes of the file, of standard input for "-", or pasted on the terminal when there is no file.
    static func read(_ file: String?, _ prompt: TerminalPrompt) throws -> NewCodes {
        let text: SecretBytes
        switch file {
        case nil:
            text = try prompt.askLines(
                prompt: "Paste the backup codes, then press Enter on an empty line:\n", hidden: true,
                or: .value(what: "the backup codes", option: "a file or -"), what: "The list of codes")
        case "-":
            text = try SecretInput.standardInput(option: "-").readAll(maximumBytes: BackupCodeText.textCount)
        case let path?: text = try SecretFile.read(path, countMaximum: BackupCodeText.textCount)
        }
        return try parse(text.span)
    }

    static func parse(_ text: borrowing Span<UInt8>) throws -> NewCodes {
        let parsed = try BackupCodeText.parse(text)
        Output.message("coffer: understood \(parsed.summary)")
        return NewCodes(zip(parsed.codes, parsed.used).map { (text: $0, isUsed: $1) })
    }
}
