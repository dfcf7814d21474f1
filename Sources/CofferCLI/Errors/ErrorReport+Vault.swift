/// What is told of a vault that cannot be used as was asked; ErrorReport.swift says how.
import CofferVault
import Glibc

extension ErrorReport {
    static let damagedRemedy =
        "Earlier copies: coffer backups. Rescue intact entries: coffer verify --salvage OUT. Do not delete the file."

    init(_ error: VaultError) {
        switch error {
        case .vaultMissing(let path):
            self.init(
                code: .notFound, "There is no vault at \(path).",
                "Create one: \(Self.initialization(of: path)). Or say where it is: --vault FILE.")
        case .fileMissing(let path):
            self.init(code: .notFound, "There is no file at \(path); nothing was changed.", "Check the path.")
        case .vaultExists(let path):
            self.init(
                code: .refused, "There is something at \(path) already; it was left as it is.",
                "Choose another place with --vault FILE, or move it away yourself.")
        case .wrongPassword(let path):
            self.init(
                code: .wrongPassword, "That password or key file does not open \(path); nothing was changed.",
                "Check Caps Lock and the keyboard layout and try again, or use the recovery key:"
                    + " coffer passwd --recovery-key")
        case .damaged(let path, let place):
            self.init(
                code: .damaged, "\(path) is damaged or was altered (\(place)); it was left as it is.",
                Self.damagedRemedy)
        case .unsupported(let path, let what):
            self.init(
                code: .unsupported,
                "\(path) needs something this program does not support: \(what); nothing was changed.",
                "A newer Coffer may open it; if you did not expect this, compare the file with another copy first.")
        case .notAVault(let path, let why):
            self.init(
                code: .unsupported, "\(path) is not a Coffer vault: \(why); it was left as it is.",
                "Name the vault with --vault FILE. If this was your vault, see what can be rescued: coffer verify --salvage OUT"
            )
        case .inUse(let path, let why):
            self.init(
                code: .inUse, "\(path) is in use or was changed underneath: \(why); nothing was changed.", "Try again.")
        case .replaced(let path):
            self.init(
                code: .inUse,
                "\(path) is in use or was changed underneath: it was replaced by another vault or key epoch; nothing was changed.",
                "Try again.")
        case .refused(let why, let remedy): self.init(code: .refused, Self.sentence(why), Self.sentence(remedy))
        case .limitExceeded(let what):
            self.init(
                code: .unsupported, "That would exceed a limit: \(what); nothing was changed.",
                "Make it smaller, or split it up.")
        case .notFound(let what, let near):
            let remedy = near.isEmpty ? "See what there is: coffer ls" : "Near it: \(Self.list(near))."
            self.init(code: .notFound, "There is no \(what).", remedy)
        case .notInEntry(let what, let title, let near):
            let remedy =
                near.isEmpty
                ? "See what it has: " + Shown.command("show", title) : "It has: \(Self.list(near))."
            self.init(code: .notFound, "There is no \(what) in \(title).", remedy)
        case .ambiguous(let what, let candidates):
            self.init(
                code: .notFound, "Several entries match \(what).",
                "Say which one: \(Self.list(candidates)).")
        case .inTrash(let title):
            self.init(
                code: .notFound, "\(title) is in the trash; nothing was changed.",
                "Take it out: " + Shown.command("restore", title))
        case .notInTrash(let title):
            self.init(
                code: .notFound, "\(title) is not in the trash; nothing was changed.",
                "Put it there: " + Shown.command("rm", title))
        case .conflict(let title, let field):
            self.init(
                code: .conflict, "\(title) has several values of \(field), and nobody has chosen.",
                "Compare: coffer conflicts --reveal. Choose: " + Shown.command("resolve", title, field)
                    + " — or take the newest this once, with a command that reads: --pick newest")
        case .system(let action, let path, let number):
            self.init(
                code: .failed, "Could not \(action) \(path): \(Self.reason(number)).", Self.systemRemedy(number))
        case .unconfirmed(let path, let number):
            self.init(
                code: .failed,
                "\(path) was saved, but the system did not confirm that it is on the disk: \(Self.reason(number)).",
                "After a power cut it may be the state before. Check the disk, then run coffer verify --deep.")
        case .older(let path, let missing, let seenAt):
            self.init(
                code: .refused,
                "\(path) is older than what this machine saw on \(UTCTime(clampingUnixSeconds: seenAt).text);"
                    + " \(missing == 1 ? "1 edit is" : "\(missing) edits are") missing.",
                "If you restored a backup: coffer sync --accept-older merges them back. If not, something replaced the file:"
                    + " compare with another machine first.")
        case .olderEpoch(let path):
            self.init(
                code: .refused,
                "\(path) is from before a change of the vault key (coffer rotate) that this machine has seen; nothing was changed.",
                "The newer file is among its backups: coffer backups. If you did not put the old one there, something replaced it."
            )
        case .rotated(let path, let epoch):
            self.init(
                code: .refused,
                "Another machine has changed the vault key: \(path) has key epoch \(epoch); nothing was changed or published.",
                "If you know of it: coffer sync --accept-rotation. If not, somebody forged the file: ask on the other"
                    + " machines first.")
        case .unpublished(let path, let number):
            self.init(
                code: .failed,
                "All is saved here, but \(path) in the shared folder could not be written: \(Self.reason(number)).",
                "The other machines do not see the last changes yet. "
                    + (number == ENOSPC || number == EDQUOT ? "Make room" : "Make it writable")
                    + " there, then run coffer sync.")
        case .vaultInFolder(let path, let folder):
            self.init(
                code: .notFound, "There is no vault at \(path) yet, and one in \(folder).",
                "Take it over: coffer sync \(Shown.word(folder)) --join")
        case .placeMissing(let path):
            self.init(
                code: .notFound, "There is no shared folder at \(path); nothing was changed.",
                "Mount or create it first, or name another one: coffer sync FOLDER")
        case .placeUnknown:
            self.init(
                code: .usage, "No shared folder has been named for this vault yet; nothing was changed.",
                "Name it once: coffer sync FOLDER")
        case .nothingToJoin(let path):
            self.init(
                code: .notFound, "There is no vault in \(path) yet; nothing was changed.",
                "Wait until the folder has come over from the other machine, where coffer sync FOLDER must have run once."
            )
        case .severalVaults(let path, let ids):
            self.init(
                code: .notFound, "\(path) holds several vaults; nothing was changed.",
                "Say which one: --vault-id \(ids.joined(separator: ", "))")
        case .keyFileUnusable(let path, let why):
            self.init(
                code: .wrongPassword, "The key file \(path) cannot be used: \(why); nothing was changed.",
                "Name the key file of the vault, an ordinary file of 32 bytes to 1 MiB: --key-file FILE")
        case .invalidInput(let why): self.init(code: .usage, Self.sentence(why), "Nothing was changed.")
        case .lockedMeanwhile(let path):
            self.init(
                code: .locked, "The agent has locked \(path) meanwhile; nothing was changed.",
                "Run it again: it asks then.")
        case .agentTooOld(let path):
            self.init(
                code: .unsupported,
                "The agent that holds \(path) is of another version and does not know that request; nothing was changed.",
                "Start the present one: coffer lock, then coffer unlock.")
        case .tooManyReads(let path):
            self.init(
                code: .refused,
                "The secrets of more than 30 entries of \(path) were asked for within a minute; this one was not told.",
                "Pass --password-fd N to this command, wait a minute, or let a script read them all: coffer unlock --bulk"
            )
        case .agentLost(let path):
            self.init(
                code: .failed, "The agent that holds \(path) ended or gave no answer.",
                "See with coffer show whether the change was saved. Then lock and unlock: coffer lock, coffer unlock.")
        }
    }

    /// The command line that makes a vault at `path`.
    private static func initialization(of path: String) -> String {
        (try? Places.vault(nil)) == path ? "coffer init" : "coffer init --vault \(Shown.word(path))"
    }

    static func systemRemedy(_ number: Int32) -> String {
        switch number {
        case ENOSPC, EDQUOT: "The vault was left as it was. Make room and try again."
        case EFBIG: "The vault was left as it was. Raise the limit on file sizes (ulimit -f) and try again."
        case EACCES, EPERM: "The vault was left as it was. Check who owns the file and its folder."
        case EROFS: "The vault was left as it was. That place can only be read: use another."
        case ENOENT, ENOTDIR: "Check the path."
        default: "The vault was left as it was. Check the disk, then try again."
        }
    }
}
