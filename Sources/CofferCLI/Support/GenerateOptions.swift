/// The options that describe a password to be generated.
import ArgumentParser
import CofferCrypto
import CofferMemory

struct GenerateOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Length of a generated password (default 24).", valueName: "n"))
    var length: Int?

    @Option(help: ArgumentHelp("Generate a passphrase of this many words.", valueName: "n"))
    var words: Int?

    @Flag(name: .customLong("no-symbols"), help: "Letters and digits only.")
    var noSymbols = false

    /// What describes a generated value means nothing beside one that is given.
    func refuse(unless isGenerated: Bool) throws {
        guard isGenerated || (length == nil && words == nil && !noSymbols) else {
            throw CLIError.usage(
                why: "The options --length, --words and --no-symbols describe a generated value.",
                remedy: "Add --generate.")
        }
    }

    func recipe() throws -> PasswordRecipe {
        if words != nil && (length != nil || noSymbols) {
            throw CLIError.usage(
                why: "The option --words excludes --length and --no-symbols.", remedy: "Leave one out.")
        }
        let recipe: PasswordRecipe =
            if let words { .words(words) } else { .characters(length: length ?? 24, symbols: !noSymbols) }
        guard recipe.isValid else {
            throw CLIError.usage(
                why: "A generated password has \(PasswordRecipe.lengthRange.lowerBound) to "
                    + "\(PasswordRecipe.lengthRange.upperBound) characters or "
                    + "\(PasswordRecipe.wordsRange.lowerBound) to \(PasswordRecipe.wordsRange.upperBound) words.",
                remedy: "Choose --length or --words in that range.")
        }
        return recipe
    }

    func generate() throws -> SecretSlice {
        guard let password = PasswordGenerator.make(try recipe(), random: SystemRandom()) else {
            throw CLIError.usage(
                why: "No such password can be generated.", remedy: "Choose another --length or --words.")
        }
        return SecretSlice(password)
    }
}
