/// `coffer read`: the value that a reference points to.
import ArgumentParser
import CofferMemory
import CofferVault

struct ReadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read", abstract: "Print the value that a reference points to.",
        discussion: """
            A reference is coffer://TITLE/FIELD: the last part names the field as for coffer get, otp is the current code. \
            The value is followed by a newline and nothing else.

            Example:
              coffer read coffer://work/vk-cloud/password
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var pickOptions: PickOptions

    @Argument(help: "The reference: coffer://TITLE/FIELD.")
    var reference: String

    func validate() throws { _ = try Reference(reference) }

    func run() throws {
        let reference = try Reference(reference)
        let reader = ReferenceReader(session: try vaultOptions.open(), pick: try pickOptions.pick)
        let value = try reader.read(reference)
        try Output.standard.print(value: value.span, layout: reference.field == "notes" ? .lines : .line)
    }
}
