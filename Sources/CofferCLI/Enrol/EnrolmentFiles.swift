/// The files that still hold in clear what the vault holds now.
import CofferVault

struct EnrolmentFiles {
    let paths: [(path: String, what: String)]
    let prompt: TerminalPrompt

    /// Deletes them where a person says so, or `isMeant`; without a terminal it only says that they are there.
    func offerRemoval(isMeant: Bool) throws {
        for (path, what) in paths {
            let shown = Shown.text(path)
            guard isMeant || prompt.isAvailable else {
                Output.message("\(shown), \(what), still holds what nobody else should see: delete it.")
                continue
            }
            let isWanted =
                try isMeant
                || prompt.confirm(
                    prompt: "Delete \(path), \(what)?", consequence: "\(shown) would be deleted.",
                    option: "--remove-files")
            if isWanted { remove(path, shown) } else { Output.message("\(shown) was left where it is.") }
        }
    }

    /// The enrolment is saved: what cannot be deleted is no failure of it.
    private func remove(_ path: String, _ shown: String) {
        do throws(SystemError) {
            try Folder.remove(path)
            Output.message("Deleted \(shown). Copies in a synchronised folder or the bin are another matter.")
        } catch {
            Output.message("coffer: warning: \(shown) could not be deleted: delete it yourself.")
        }
    }
}
