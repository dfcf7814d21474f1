/// `coffer codes next`: hands out one backup code, never twice.
import ArgumentParser
import CofferMemory
import CofferModel
import CofferVault

struct CodesNextCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "next", abstract: "Print one unused backup code, and mark it used.",
        discussion: """
            The code is marked used and the vault saved before the code is printed. Machines hand codes out in different \
            orders, so that two that are offline rarely give the same one. Took one by mistake: coffer codes undo TITLE

            With --clip nothing is printed: the code goes to the clipboard, and is cleared from there. --json \
            prints the code and how many are left unused.

            Example:
              coffer codes next work/vk-cloud
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions
    @OptionGroup var clipOptions: ClipOptions

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws { try clipOptions.refuse(json, beside: "--json") }

    func run() throws {
        let clipboard = try clipOptions.clipboard()
        let session = try vaultOptions.open()
        let entry = try session.find(entryOptions.query(), .nothing)
        let codes = BackupCodes(entry)
        guard codes.unusedCount > 0 else {
            throw CLIError.noCodesLeft(title: entry.title, spoken: entryOptions.spoken, everHad: !codes.sets.isEmpty)
        }
        // The save has happened when this returns.
        let drawn = try session.drawCode(entry.id)
        do {
            if let clipboard {
                try clipboard.copy(drawn.code, "a backup code", of: entry.title)
            } else if json {
                try printJSON(drawn)
            } else {
                try Output.standard.print(value: drawn.code.span)
            }
        } catch {
            Output.message(
                "coffer: the code was drawn and is marked used, but could not be \(clipboard == nil ? "printed" : "copied"). To"
                    + " take that back:"
                    + " " + Shown.command("codes undo", entryOptions.spoken))
            throw error
        }
        CodesReport.sayLeft(drawn.unusedLeft, of: entry.title, spoken: entryOptions.spoken, usedOne: true)
    }

    private func printJSON(_ drawn: CodeDrawn) throws {
        var json = JSONWriter(SecretBuilder(capacity: 256))
        json.beginObject()
        json.member("code", drawn.code.span)
        json.member("unused", drawn.unusedLeft)
        json.endObject()
        let text = json.finish()
        try Output.standard.write(text.span)
    }
}
