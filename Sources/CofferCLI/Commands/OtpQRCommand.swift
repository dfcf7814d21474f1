/// `coffer otp qr`: the QR code of a one-time password, for a phone beside the vault.
import ArgumentParser
import CofferExchange
import CofferMemory
import CofferModel
import CofferOTP
import CofferVault

struct OtpQRCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "qr", abstract: "Show the QR code of a one-time password, for a phone.",
        discussion: """
            An authenticator on a phone (Google Authenticator, Duo and the like) that scans the code gives the same codes. \
            Who sees the code can make them too. With --output it becomes a picture, mode 0600: delete it afterwards.

            Example:
              coffer otp qr work/vk-cloud
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions
    @OptionGroup var pickOptions: PickOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("Write a PNG picture to this new file instead.", valueName: "file"))
    var output: String?

    func run() throws {
        let session = try vaultOptions.open()
        let entry = try session.find(entryOptions.query(), .only([.otp]))
        let uri = try FieldReader(session: session, entry: entry, pick: try pickOptions.pick).read("otp-uri")
        if let output {
            try QRPrinter.write(uri, to: output, of: entry.title)
        } else {
            try QRPrinter.show(uri, of: entry.title, vaultOptions.prompt)
        }
    }
}
