/// `coffer generate`: passwords and passphrases, without a vault.
import ArgumentParser
import CofferMemory

struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Print a random password or passphrase; no vault is needed.",
        discussion: """
            A password has 24 letters, digits and symbols, a passphrase is made of words of the EFF large list.

            Examples:
              coffer generate
              coffer generate --words 6
            """)

    @OptionGroup var generateOptions: GenerateOptions

    @Option(help: ArgumentHelp("How many.", valueName: "n"))
    var count = 1

    @Flag(help: "Print JSON: the values and how many bits of chance are in each.")
    var json = false

    /// Taken only to be refused with the command that was meant.
    @Argument(help: .hidden)
    var names: [String] = []

    private static let countMaximum = 1000

    func validate() throws {
        guard names.isEmpty else {
            throw CLIError.usage(
                why: "The command coffer generate only prints a password and takes no title; nothing was changed.",
                remedy: "For a new entry: coffer add TITLE --generate. For one that is there:"
                    + " coffer set TITLE password --generate")
        }
        guard (1...Self.countMaximum).contains(count) else {
            throw CLIError.usage(why: "The option --count takes 1 to \(Self.countMaximum).", remedy: "")
        }
        _ = try generateOptions.recipe()
    }

    func run() throws {
        let entropyBits = Int(PasswordGenerator.entropyBits(try generateOptions.recipe()))
        guard json else {
            var text = SecretBuilder()
            for _ in 0..<count {
                text.append(try generateOptions.generate())
                text.append(UInt8(ascii: "\n"))
            }
            return try Output.standard.write(text.span)
        }
        var json = JSONWriter(SecretBuilder())
        json.beginArray()
        for _ in 0..<count {
            json.beginObject()
            json.key("value")
            json.value(try generateOptions.generate())
            json.member("entropy_bits", entropyBits)
            json.endObject()
        }
        json.endArray()
        let text = json.finish()
        try Output.standard.write(text.span)
    }
}
