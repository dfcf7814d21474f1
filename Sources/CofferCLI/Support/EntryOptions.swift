/// How commands name an entry (docs/cli.md, "Naming an entry").
import ArgumentParser
import CofferMerge
import CofferModel
import CofferVault

struct EntryOptions: ParsableArguments {
    @Argument(help: "The entry: its title, title@username, or id: and the start of its id.")
    var title: String

    @Option(help: ArgumentHelp("Only the entry with this user name.", valueName: "name"))
    var username: String?

    /// The entry as it was named, for command lines that are proposed: a title alone may be another's too.
    var spoken: String { username.map { "\(title)@\($0)" } ?? title }

    func query(_ states: [EntryState] = [.live]) -> EntryQuery {
        EntryQuery(title, username: username, states: states)
    }
}
