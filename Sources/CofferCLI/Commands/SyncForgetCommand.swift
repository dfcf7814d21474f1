/// `coffer sync forget`: takes the file of a machine that is no more out of the shared folder.
import ArgumentParser
import CofferVault

struct SyncForgetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget", abstract: "Remove the file of a machine that is no more from the shared folder.",
        discussion: """
            What the file holds is merged first. This revokes nothing: whoever has that machine can read what it had. After \
            a loss: coffer rotate --lost MACHINE

            Example:
              coffer sync forget old-laptop
            """)

    @OptionGroup var vaultOptions: VaultOptions

    @Argument(help: "The machine, or the beginning of its file's name, as coffer sync status shows them.")
    var machine: String

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    func run() throws {
        let session = try vaultOptions.openLocal()
        let report = try session.performSync(nil)
        let name = try session.mergedReplica(named: machine).name
        let file = Shown.text(name)
        if !yes {
            let isMeant = try vaultOptions.prompt.confirm(
                prompt: "Remove \(file) from the shared folder?",
                consequence: "That would remove \(file) from the shared folder; nothing was removed.")
            guard isMeant else { throw CLIError.declined }
        }
        SyncText(report: report, isDryRun: false).sayNews(session)
        try session.forget(name)
        Output.message("Removed \(file) and its receipt from the shared folder; all it held is in the vault.")
    }
}
