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
    /// A longer index is not read, in bytes: the largest vault that is written has some 60 MB.
    private static let indexCountMaximum = 256 * 1024 * 1024

    var path: String { place.folder }

    func path(of name: String) -> String { path + "/" + name }

    /// The names to look at: `first`, whether they are there or not, then the others, ascending.
    func names(first: [String]) throws(VaultError) -> [String] {
        let known = Set(first)
        let others = try Self.names(in: path).filter { !known.contains($0) }
        var unique: Set<String> = []
        return first.filter { unique.insert($0).inserted }
            + others.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The names in the folder at `path`, in any order.
    static func names(in path: String) throws(VaultError) -> [String] {
        do throws(SystemError) {
            return try Folder.names(in: path, atMost: namesMaximum)
        } catch {
            if error.number == ENOENT || error.number == ENOTDIR { throw .placeMissing(path: path) }
            throw .system(action: "read the folder", path: path, errno: error.number)
        }
    }

    /// Looks at one file; `known` is what was seen of it last.
    ///
    /// Of this machine's own file, every entry is looked at when it is not the one that was left there: the others can get
    /// no whole copy otherwise.
    func look(at name: String, known: RememberedReplica?, isOwn: Bool = false) -> FolderItem {
        let status: stat
        do throws(SystemError) {
            status = try Folder.status(path(of: name))
        } catch {
            // A name that is no text stands here with what replaces its bytes, and so is not found.
            let isGone = error.number == ENOENT && !name.unicodeScalars.contains("\u{FFFD}")
            return isGone ? .ignored : .skipped(.unreadable(errno: error.number))
        }
        guard status.st_mode & S_IFMT == S_IFREG else { return Self.special(name, status.st_mode) }
        let stamp = FileStamp(status)
        if let known, known.stamp == stamp { return .unchanged(stamp) }
        do throws(VaultError) {
            return try open(name, isOwn ? nil : known, isOwn)
        } catch {
            return Self.refused(name, error)
        }
    }

    private func open(
        _ name: String, _ known: RememberedReplica?, _ isOwn: Bool
    ) throws(VaultError) -> FolderItem {
        let container = try Container.open(path(of: name), followsLinks: false)
        guard container.header.context.vaultID == keys.context.vaultID else { return .skipped(.otherVault) }
        let epoch = container.header.context.epoch
        if epoch > keys.context.epoch { return .newerEpoch(epoch) }
        if epoch < keys.context.epoch { return .skipped(.olderEpoch(epoch)) }
        if container.header.epochCheck != keys.epochCheck { return .skipped(.otherKey(epoch)) }
        // Before the index is read, of which a forged header may say that it has gigabytes.
        guard container.hasTag(of: keys) else {
            return .skipped(.damaged(place: "header tag"))
        }
        guard container.header.indexCount <= Self.indexCountMaximum else {
            return .skipped(.unsupported(what: "an index of more than \(Self.indexCountMaximum >> 20) MiB"))
        }
        let (stamp, hash) = try container.stampAndHash()
        if let known, known.contentHash == hash { return .unchanged(stamp) }
        let state = try VaultState.authenticate(container, keys)
        if isOwn { try state.verifyFrames() }
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
        guard
            let bytes = try? SmallFile.read(path(of: SyncPlace.receiptName(name)), countMaximum: Receipt.countMaximum)
        else { return nil }
        return Receipt.open(bytes, name: name, keys)
    }
}

extension Container {
    /// Whether the header is this vault's own, as a whole.
    func hasTag(of keys: KeyHierarchy) -> Bool { Header.verifyTag(headerBytes.span, key: keys.headerKey) }

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
