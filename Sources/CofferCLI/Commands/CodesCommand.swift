/// `coffer codes`: the commands about backup codes.
import ArgumentParser

struct CodesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "codes", abstract: "Keep backup codes, and hand them out one at a time.",
        discussion: """
            Each of these commands says on standard error how many unused codes are left.

            Examples:
              coffer codes add work/vk-cloud backup-codes.txt
              coffer codes next work/vk-cloud
            """,
        subcommands: [
            CodesAddCommand.self, CodesNextCommand.self, CodesListCommand.self, CodesMarkUsedCommand.self,
            CodesUndoCommand.self, CodesReplaceCommand.self,
        ])
}
