/// `coffer inject`: a file whose references are replaced by what they point to.
import ArgumentParser
import CofferMemory
import CofferVault

struct InjectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inject", abstract: "Fill in a template: references become values.",
        discussion: """
            Every {{ coffer://TITLE/FIELD }} of the template becomes the value; all else stays as it is, byte for byte. \
            The file that is written holds secrets: it is made with mode 0600, and never in place of another one.

            Example:
              coffer inject -i config.tpl -o "$XDG_RUNTIME_DIR/config"
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var pickOptions: PickOptions

    @Option(
        name: [.customShort("i"), .customLong("input")],
        help: ArgumentHelp("The template; - or none reads standard input.", valueName: "file"))
    var input: String = "-"

    @Option(name: .shortAndLong, help: ArgumentHelp("A new file; without it, standard output.", valueName: "file"))
    var output: String?

    private static let countMaximum = 1024 * 1024

    func run() throws {
        let text = SecretSlice(
            input == "-"
                ? try SecretInput.standardInput(option: "-i").readAll(maximumBytes: Self.countMaximum)
                : try SecretFile.read(input, countMaximum: Self.countMaximum))
        // Read whole before anything is asked for: a slip in the last line must not have cost a code.
        let template = try Template(text, name: input == "-" ? "standard input" : input)
        let reader = ReferenceReader(session: try vaultOptions.open(), pick: try pickOptions.pick)
        let filled = try template.filled(by: reader)
        if let output, output != "-" { return try SecretFile.create(output, filled.span) }
        let standard = Output.standard
        guard standard.isTerminal else { return try standard.write(filled.span) }
        var shown = SecretBuilder(capacity: filled.count + 64)
        standard.append(filled.span, to: &shown, layout: .lines)
        try standard.write(shown.span)
    }
}
