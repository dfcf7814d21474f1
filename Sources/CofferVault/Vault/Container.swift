/// A vault file that is parsed and not yet trusted: its header, and where index and entries lie.
package import CofferFormat
import CofferMemory
import Glibc

/// An open vault file with its header in the form of docs/format.md. Nothing of it is authenticated.
package struct Container: ~Copyable, Sendable {
    package let path: String
    package let file: File
    package let identity: FileIdentity
    package let header: Header
    package let headerBytes: [UInt8]

    /// Most headers are read with the first read.
    private static let firstReadCount = 4096

    package var indexOffset: Int { headerBytes.count }
    package var framesOffset: Int { headerBytes.count + header.indexCount }

    /// Opens the regular file at `path` and reads its header, in bounded time whatever the file is.
    /// Salvage also looks at files that are cut off or have something appended.
    /// A file in a shared folder must not be a link, which could lead anywhere.
    package static func open(
        _ path: String, requiresWholeFile: Bool = true, followsLinks: Bool = true
    ) throws(VaultError) -> Container {
        let file = try openRegularFile(path, followsLinks: followsLinks)
        do {
            let identity = try file.identity()
            guard identity.sizeCount <= Limits.file else { throw FormatError.limit("file") }
            var bytes = try file.bytes(at: 0, count: min(firstReadCount, identity.sizeCount))
            let total = try Header.totalCount(fixedPart: bytes.span)
            if total > bytes.count && total <= identity.sizeCount {
                bytes = try file.bytes(at: 0, count: total)
            }
            guard total <= bytes.count else { throw FormatError.truncated }
            bytes.removeLast(bytes.count - total)
            let header = try Header.parse(bytes.span)
            // Both lengths are at most 4 GiB, so the sum cannot overflow.
            let end = total + header.indexCount + header.entriesCount
            guard identity.sizeCount <= end || !requiresWholeFile else { throw FormatError.leftover }
            guard identity.sizeCount >= end || !requiresWholeFile else { throw FormatError.truncated }
            return Container(path: path, file: file, identity: identity, header: header, headerBytes: bytes)
        } catch let error as FormatError {
            throw error.asVaultError(path: path, place: "header")
        } catch let error as SystemError {
            throw .system(action: "read", path: path, errno: error.number)
        } catch {
            throw .damaged(path: path, place: "header")
        }
    }

    /// Whether the file at `path` has a vault's header, as far as can be told without a key.
    package static func isVault(_ path: String) -> Bool {
        do throws(VaultError) {
            _ = try open(path)
            return true
        } catch {
            return false
        }
    }

    /// The same open file under the name that it was given.
    consuming func renamed(to path: String) -> Container {
        Container(path: path, file: file, identity: identity, header: header, headerBytes: headerBytes)
    }

    /// Opens what must be a regular file; never waits for a pipe's other end.
    static func openRegularFile(_ path: String, followsLinks: Bool = true) throws(VaultError) -> File {
        let file = try openAnything(path, followsLinks)
        let status: stat
        do throws(SystemError) {
            status = try file.status()
        } catch {
            throw .system(action: "look at", path: path, errno: error.number)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .notAVault(path: path, why: "it is not a regular file")
        }
        return file
    }

    private static func openAnything(_ path: String, _ followsLinks: Bool) throws(VaultError) -> File {
        do throws(SystemError) {
            return try File(opening: path, O_RDONLY | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW))
        } catch {
            switch error.number {
            case ENOENT: throw .vaultMissing(path: path)
            // A socket, or a device that nothing answers for.
            case ENXIO: throw .notAVault(path: path, why: "it is not a regular file")
            default: throw .system(action: "open", path: path, errno: error.number)
            }
        }
    }
}

extension FormatError {
    /// What it means for a vault file: unsupported things and exceeded limits are not damage.
    package func asVaultError(path: String, place: String) -> VaultError {
        switch self {
        case .unsupported(let what): .unsupported(path: path, what: what)
        case .limit(let name): .unsupported(path: path, what: "more than the limit: \(name)")
        case .notAVault: .notAVault(path: path, why: "it does not begin like one")
        case .truncated, .leftover, .notCanonical, .unexpected, .invalidText: .damaged(path: path, place: place)
        }
    }
}
