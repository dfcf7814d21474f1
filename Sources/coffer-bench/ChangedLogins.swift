/// Changes logins of a vault, as one machine would that is apart from the others.
import ArgumentParser
import CofferFormat
import CofferMemory
import CofferMerge
import CofferModel
import CofferVault

struct Change: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give logins of a vault new passwords, in one save.",
        discussion: "Every hundredth login, beginning with the one that --first names, unless --every says otherwise.")

    @Option(help: "The vault.")
    var vault: String

    @Option(help: "The number of the first login, from 0.")
    var first = 0

    @Option(help: "One login of so many is changed.")
    var every = 100

    func validate() throws {
        guard first >= 0, every > 0 else { throw ValidationError("--first and --every must not be negative.") }
    }

    func run() throws {
        let opened = try OpenVault.open(vault, PlainLogins.credential())
        let author = PlainLogins.author(first, SeededRandom(seed: UInt64(first) + 77))
        var edits = Edits()
        for position in stride(from: first, to: opened.recordCount, by: every) {
            let entry = try opened.entry(at: position)
            let password = SecretSlice(copying: Array("changed-\(first)-\(position)".utf8))
            guard let draft = entry.draft(.password, .text(password)) else { continue }
            edits.entries.append(
                EntryEdit(id: entry.id, versions: try author.versions(entry.versions, adding: [draft])))
        }
        try opened.save(edits)
    }
}
