/// Reads what lies in the shared folder, in bounded time, whatever it is (docs/sync.md, "What is in the folder").
import CofferCrypto
import CofferFormat
import CofferMemory
import Glibc

/// An authenticated vault file in the shared folder.
struct Replica: ~Copyable {
    let name: String
    let stamp: FileStamp
    /// BLAKE2b-256 of header and index.
    let contentHash: [UInt8]
    let state: VaultState
}

/// One file of the folder after a look at it.
enum FolderItem: ~Copyable {
    /// The content is the one that was seen last; the stamp may be another.
    case unchanged(FileStamp)
    case replica(Replica)
    case skipped(SkipReason)
    /// A vault file with a newer key.
    case newerEpoch(UInt64)
    /// Nothing to speak of: a folder, a hidden file, a receipt, or gone meanwhile.
    case ignored
}

/// The folder is hostile: nothing of it is believed before it is authenticated, and nothing is followed.
struct SyncFolder {
    let place: SyncPlace
    let keys: KeyHierarchy

    /// More names are not looked at.
    static let namesMaximum = 200_000
    /// More vault files are not opened in one sync.
    static let replicasMaximum = 512

    var path: String { place.folder }

    func path(of name: String) -> String { path + "/" + name }

    /// The names to look at, ascending, `own` first.
    func names(own: String) throws(VaultError) -> [String] {
        let names: [String]
        do throws(SystemError) {
            names = try Folder.names(in: path, atMost: Self.namesMaximum)
        } catch {
            if error.number == ENOENT || error.number == ENOTDIR { throw .placeMissing(path: path) }
            throw .system(action: "read the folder", path: path, errno: error.number)
        }
        return [own] + names.filter { $0 != own }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Looks at one file; `known` is what was seen of it last.
    func look(at name: String, known: RememberedReplica?) -> FolderItem {
        guard let status = try? Folder.status(path(of: name)) else { return .ignored }
        guard status.st_mode & S_IFMT == S_IFREG else { return Self.special(name, status.st_mode) }
        let stamp = FileStamp(status)
        if let known, known.stamp == stamp { return .unchanged(stamp) }
        do throws(VaultError) {
            return try open(name, known)
        } catch {
            return Self.refused(name, error)
        }
    }

    private func open(_ name: String, _ known: RememberedReplica?) throws(VaultError) -> FolderItem {
        let container = try Container.open(path(of: name), followsLinks: false)
        guard container.header.context.vaultID == keys.context.vaultID else { return .skipped(.otherVault) }
        let epoch = container.header.context.epoch
        if epoch > keys.context.epoch { return .newerEpoch(epoch) }
        if epoch < keys.context.epoch { return .skipped(.olderEpoch(epoch)) }
        if container.header.epochCheck != keys.epochCheck { return .skipped(.otherKey(epoch)) }
        let (stamp, hash) = try container.stampAndHash()
        if let known, known.contentHash == hash { return .unchanged(stamp) }
        let state = try VaultState.authenticate(container, keys)
        return .replica(Replica(name: name, stamp: stamp, contentHash: hash, state: state))
    }

    /// What a file that is no regular one is called; folders and hidden names belong to whoever moves the files.
    private static func special(_ name: String, _ mode: mode_t) -> FolderItem {
        guard !name.hasPrefix(".") else { return .ignored }
        switch mode & S_IFMT {
        case S_IFDIR: return name.hasSuffix(SyncPlace.suffix) ? .skipped(.notAFile("folder")) : .ignored
        case S_IFLNK: return .skipped(.notAFile("symbolic link"))
        case S_IFIFO: return .skipped(.notAFile("pipe"))
        case S_IFSOCK: return .skipped(.notAFile("socket"))
        default: return .skipped(.notAFile("device"))
        }
    }

    private static func refused(_ name: String, _ error: VaultError) -> FolderItem {
        switch error {
        case .notAVault:
            let isQuiet = name.hasPrefix(".") || name.hasSuffix(SyncPlace.receiptSuffix)
            return isQuiet ? .ignored : .skipped(.notAVault)
        case .vaultMissing: return .ignored
        case .damaged(_, let place): return .skipped(.damaged(place: place))
        case .unsupported(_, let what): return .skipped(.unsupported(what: what))
        case .system(_, _, let number): return .skipped(.unreadable(errno: number))
        default: return .skipped(.damaged(place: "file"))
        }
    }

    func receipt(of name: String) -> Receipt? {
        let bytes = SmallFile.read(path(of: SyncPlace.receiptName(name)), countMaximum: Receipt.countMaximum)
        return bytes.flatMap { Receipt.open($0, name: name, keys) }
    }
}

extension Container {
    /// The stamp of the open file, and the hash of its header and index box, both not authenticated.
    func stampAndHash() throws(VaultError) -> (FileStamp, [UInt8]) {
        do throws(SystemError) {
            let stamp = FileStamp(try file.status())
            var hasher = BLAKE2bHasher(count: 32)
            hasher.update(headerBytes.span)
            var offset = indexOffset
            while offset < framesOffset {
                let piece = try file.bytes(at: offset, count: min(1 << 18, framesOffset - offset))
                guard !piece.isEmpty else { throw SystemError(number: EIO) }
                hasher.update(piece.span)
                offset += piece.count
            }
            return (stamp, hasher.finish())
        } catch {
            throw .system(action: "read", path: path, errno: error.number)
        }
    }
}
