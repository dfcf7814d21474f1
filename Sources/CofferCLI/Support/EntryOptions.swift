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
    var spoken: String { Self.spoken(title, username) }

    static func spoken(_ title: String, _ username: String?) -> String {
        // An id needs no more.
        guard let username, !title.hasPrefix("id:") else { return title }
        return "\(title)@\(username)"
    }

    func query(_ states: [EntryState] = [.live]) -> EntryQuery {
        EntryQuery(title, username: username, states: states)
    }
}
