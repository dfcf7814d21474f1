/// The files that still hold in clear what the vault holds now.
import CofferVault
import Glibc

struct EnrolmentFiles {
    /// What lay at a path before it was read.
    struct Found {
        let path: String
        let what: String
        let identity: FileIdentity?

        init(_ path: String, _ what: String) {
            (self.path, self.what) = (path, what)
            identity = Self.identity(path)
        }

        /// Only that very file: no link to another, and none that came in its place.
        var isStillAlone: Bool {
            guard let identity, let now = Self.identity(path) else { return false }
            return now.isSameContent(as: identity)
        }

        /// Nil for a link, and for a file that has another name besides.
        private static func identity(_ path: String) -> FileIdentity? {
            guard let status = try? Folder.status(path), status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else {
                return nil
            }
            return try? Folder.identity(path)
        }
    }

    let files: [Found]
    let prompt: TerminalPrompt

    /// Deletes them where a person says so, or `isMeant`; without a terminal it only says that they are there.
    func offerRemoval(isMeant: Bool) throws {
        for file in files {
            let (shown, what) = (Shown.text(file.path), file.what)
            guard file.isStillAlone else {
                Output.message(
                    "\(shown), \(what), is a link, has another name, or is another file now: delete it yourself.")
                continue
            }
            guard isMeant || prompt.isAvailable else {
                Output.message("\(shown), \(what), still holds what nobody else should see: delete it.")
                continue
            }
            let isWanted =
                try isMeant
                || prompt.confirm(
                    prompt: "Delete \(file.path), \(what)?", consequence: "\(shown) would be deleted.",
                    option: "--remove-files")
            guard file.isStillAlone else {
                Output.message("\(shown) is another file now: delete it yourself.")
                continue
            }
            if isWanted { remove(file.path, shown) } else { Output.message("\(shown) was left where it is.") }
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
