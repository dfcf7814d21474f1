/// The option that copies a value instead of printing it (docs/cli.md, "The clipboard").
import ArgumentParser

struct ClipOptions: ParsableArguments {
    @Flag(name: [.customShort("c"), .long], help: "Copy it to the clipboard, which is cleared soon; print nothing.")
    var clip = false

    /// Where the value goes; nil when it is to be printed.
    func clipboard() throws -> Clipboard? { clip ? try Clipboard() : nil }

    /// Refuses what would print beside the copy.
    func refuse(_ isGiven: Bool, beside option: String) throws {
        guard clip && isGiven else { return }
        throw CLIError.usage(
            why: "The options --clip and \(option) exclude each other: what is copied is not printed.",
            remedy: "Leave one out.")
    }
}
