/// Everything that can go wrong with a vault, in cases a caller can act on. Sentences are made in ErrorReport.swift.
import CofferMerge

package enum VaultError: Error, Equatable {
    /// No file at this path.
    case vaultMissing(path: String)
    /// No file at this path, where one of a vault was to be.
    case fileMissing(path: String)
    /// `init` found something at this path.
    case vaultExists(path: String)
    /// No slot opens with what was given (password, key file or recovery key: deliberately one case).
    case wrongPassword(path: String)
    /// The file is damaged or was altered; `place` says where in the words of docs/format.md.
    case damaged(path: String, place: String)
    /// A format version, suite, critical flag, KDF parameter or limit this program does not accept.
    case unsupported(path: String, what: String)
    /// Something else than a vault lies at this path.
    case notAVault(path: String, why: String)
    /// The lock could not be had in time, or the file was replaced by another vault meanwhile.
    case inUse(path: String, why: String)
    /// Another vault, or another key epoch of it, lies under the name of the one that was opened.
    case replaced(path: String)
    /// Refused for safety (a hard-linked vault, a file that others may write, a duplicate title).
    case refused(why: String, remedy: String)
    /// A limit would be exceeded by what was asked: `what` names it with its figure.
    case limitExceeded(what: String)
    /// No such entry, set or backup; `near` holds similar names.
    case notFound(what: String, near: [String])
    /// The entry has nothing of that kind; `near` holds similar names in it.
    case notInEntry(what: String, title: String, near: [String] = [])
    /// Several entries match; `candidates` name them without doubt.
    case ambiguous(what: String, candidates: [String])
    /// The only entry of that name is in the trash, where the command does not look.
    case inTrash(title: String)
    /// The only entry of that name is not in the trash, where the command looks.
    case notInTrash(title: String)
    /// The field has several values and nobody has chosen.
    case conflict(title: String, field: String)
    /// A system call failed: what was being done, and errno.
    case system(action: String, path: String, errno: Int32)
    /// The new state has the vault's name, and the system failed to make that durable.
    case unconfirmed(path: String, errno: Int32)
    /// The file is one that this machine has seen before, and newer ones since: `missing` edits are not in it.
    case older(path: String, missing: UInt64, seenAtSeconds: UInt64)
    /// The file is from before a change of the vault key that this machine has made or taken over.
    case olderEpoch(path: String)
    /// A file in the shared folder has a newer vault key than the vault.
    case rotated(path: String, epoch: UInt64)
    /// All is saved here, but this machine's file in the shared folder could not be written.
    case unpublished(path: String, errno: Int32)
    /// No folder or file of that name for replicas.
    case placeMissing(path: String)
    /// No place for replicas has been named yet.
    case placeUnknown
    /// No file at this path, and the shared folder has a vault.
    case vaultInFolder(path: String, folder: String)
    /// The shared folder has no vault to join.
    case nothingToJoin(path: String)
    /// The shared folder has several vaults; the ids in hexadecimal.
    case severalVaults(path: String, ids: [String])
    /// The input given for a field, code or key is not valid; nothing of it is repeated here.
    case invalidInput(why: String)
    /// What was named as the key file is none; nothing of its content is repeated here.
    case keyFileUnusable(path: String, why: String)

    /// The agent held the vault and holds it no more.
    case lockedMeanwhile(path: String)
    /// The agent is of an older version and does not know what was asked.
    case agentTooOld(path: String)
    /// The secrets of many entries were read within a minute, and nobody gave the master password again.
    case tooManyReads(path: String)
    /// The agent ended, or answered with nonsense, before it had answered.
    case agentLost(path: String)

    /// Whether the new state may be in the file though the command failed.
    package var leavesNewState: Bool {
        if case .unconfirmed = self { true } else { false }
    }
}

extension MergeError {
    /// What it means for a vault file: honest edits never contradict each other.
    func asVaultError(path: String, place: String = "versions that contradict each other") -> VaultError {
        .damaged(path: path, place: place)
    }
}
