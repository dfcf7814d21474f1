/// Where a vault's replicas lie (docs/sync.md, "What is in the folder").
import CofferCrypto
import CofferFormat
import CofferModel
import Glibc

/// A shared folder in which every machine has a file of its own, or one file that all machines share.
package enum SyncPlace: Equatable, Sendable {
    case folder(String)
    case file(String)

    /// The folder that is read.
    package var folder: String {
        switch self {
        case .folder(let path): path
        case .file(let path): Folder.parent(of: path)
        }
    }

    /// What a person named.
    package var path: String {
        switch self {
        case .folder(let path), .file(let path): path
        }
    }

    /// The place that `argument` names: a folder that is there, or a vault file in one. Links are followed, so that it
    /// stays the same place for commands that are started elsewhere.
    package static func named(_ argument: String) throws(VaultError) -> SyncPlace {
        var status = stat()
        if unsafe stat(argument, &status) == 0 {
            guard let real = Folder.resolved(argument) else { throw missing(argument) }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: return .folder(real)
            case S_IFREG:
                // One that a syncer has not finished yet may not look like a vault.
                guard real.hasSuffix(suffix) || Container.isVault(real) else {
                    throw .refused(
                        why: "\(argument) is no vault; nothing was changed",
                        remedy: "Name a folder, or a file that ends in \(suffix): coffer sync FOLDER")
                }
                return .file(real)
            default:
                throw .refused(
                    why: "\(argument) is neither a folder nor a file; nothing was changed",
                    remedy: "Name the shared folder: coffer sync FOLDER")
            }
        }
        let parent = Folder.parent(of: argument)
        guard argument.hasSuffix(suffix), let real = Folder.resolved(parent) else { throw missing(argument) }
        return .file(real + "/" + Folder.name(of: argument))
    }

    private static func missing(_ path: String) -> VaultError { .placeMissing(path: path) }

    /// The name of this machine's own file, made of what tells machines and vaults apart and says nothing of either.
    func ownName(machineID: [UInt8], vaultID: [UInt8]) -> String {
        switch self {
        case .file(let path): return Folder.name(of: path)
        case .folder:
            let message = Array("coffer/1 replica".utf8) + vaultID + machineID
            return Array(BLAKE2b.hash(message.span, count: 16).prefix(8)).hexadecimal + Self.suffix
        }
    }

    static let suffix = ".coffer"

    /// The receipt that lies beside the replica `name`.
    static func receiptName(_ name: String) -> String {
        (name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name) + receiptSuffix
    }

    static let receiptSuffix = ".receipt"
}
