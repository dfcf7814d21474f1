/// `coffer sync`: several machines, one vault, through a shared folder.
import ArgumentParser

struct SyncCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Merge with other machines through a shared folder.",
        discussion: """
            Every machine keeps a vault of its own and puts a copy of it into the folder, which anything may carry: \
            Syncthing, a cloud drive, git, a USB stick. Nothing is lost: two edits of one field are both kept until \
            somebody chooses. All options of a sync are in coffer sync run --help.

            Examples:
              coffer sync ~/Sync/coffer          the first time, with the folder
              coffer sync                        from then on; a change syncs by itself
              coffer sync ~/Sync/coffer --join   on a new machine
              coffer sync status
            """,
        subcommands: [SyncRunCommand.self, SyncStatusCommand.self, SyncForgetCommand.self],
        defaultSubcommand: SyncRunCommand.self)
}
