/// `coffer undo`: gives a field the value it had before its last change.
import ArgumentParser
import CofferModel
import CofferVault

struct UndoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Give a field the value it had before its last change.",
        discussion: """
            The undo is a change itself: undoing twice brings the newer value back. For url and tag, the last change of \
            any of them is taken back. Earlier values: coffer history TITLE FIELD --reveal

            Example:
              coffer undo work/vk-cloud password
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions

    @Argument(help: "The field.")
    var field: String

    @Flag(help: "Allow a second entry with this title and user name.")
    var duplicate = false

    func run() throws {
        let target = try FieldTarget(field)
        guard target != .codes else {
            throw CLIError.usage(
                why: "Backup codes have an undo of their own.",
                remedy: "Make the last one unused: " + Shown.command("codes undo", entryOptions.spoken))
        }
        let session = try vaultOptions.open()
        let entry = try session.find(entryOptions.query(), .only([target.field].compactMap { $0 }))
        let (name, title) = (Shown.text(target.name), Shown.text(entry.title))
        if let kind = target.elementKind {
            let undone = try session.undoElements(entry, kind: kind)
            return Output.message(
                "Took back the last change of \(name) of \(title): \(undone.added) back, \(undone.removed) gone.")
        }
        guard let field = target.field else { return }
        let value = try session.undo(entry, field, isDuplicateAllowed: duplicate)
        Output.message(
            value == .removed
                ? "\(title) has no \(name), as before the last change."
                : "The \(name) of \(title) is what it was before.")
    }
}
