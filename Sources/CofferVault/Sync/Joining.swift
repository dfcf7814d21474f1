/// Finds the vault that a new machine joins, and makes its local file (docs/sync.md, "A new machine").
import CofferFormat
import CofferModel
import Glibc

/// The files of one vault in a shared folder. Nothing of them is authenticated.
package struct JoinableFolder {
    package let vaultID: [UInt8]
    /// The newest key epoch first, then the file that was written last.
    package let paths: [String]

    /// Finds the only vault there, or the one that `vaultID` (the beginning of its id in hexadecimal) names.
    package static func read(_ place: SyncPlace, vaultID: String?) throws(VaultError) -> JoinableFolder {
        struct Found {
            let path: String
            let header: Header
            let modifiedSeconds: Int
        }
        var found: [Found] = []
        for name in try SyncFolder.names(in: place.folder).sorted() where found.count < SyncFolder.replicasMaximum {
            let path = place.folder + "/" + name
            guard let status = try? Folder.status(path), status.st_mode & S_IFMT == S_IFREG,
                let container = try? Container.open(path, followsLinks: false)
            else { continue }
            found.append(Found(path: path, header: container.header, modifiedSeconds: status.st_mtim.tv_sec))
        }
        let isEmpty = found.isEmpty
        if let vaultID {
            found = found.filter { $0.header.context.vaultID.hexadecimal.hasPrefix(vaultID.lowercased()) }
        }
        let ids = Set(found.map(\.header.context.vaultID))
        guard let id = ids.first else {
            guard isEmpty else { throw .notFound(what: "vault with that id in \(place.folder)", near: []) }
            throw .nothingToJoin(path: place.folder)
        }
        guard ids.count == 1 else {
            throw .severalVaults(path: place.folder, ids: ids.map { String($0.hexadecimal.prefix(8)) }.sorted())
        }
        let ordered = found.sorted {
            ($0.header.context.epoch, $0.modifiedSeconds, $0.path) > (
                $1.header.context.epoch, $1.modifiedSeconds, $1.path
            )
        }
        return JoinableFolder(vaultID: id, paths: ordered.map(\.path))
    }

    /// Writes the state of `opened`, a file of the folder, to `path`, where nothing may be yet.
    package func makeVault(at path: String, from opened: OpenVault) throws(VaultError) -> OpenVault {
        do throws(SystemError) {
            try Folder.make(Folder.parent(of: path))
        } catch {
            throw .system(action: "make the folder of", path: path, errno: error.number)
        }
        let lock = try VaultLock.acquire(besideVault: path)
        defer { _ = lock }
        let temporary = try TemporaryFile.create(besideVault: path)
        do throws(VaultError) {
            do throws(SystemError) {
                try temporary.file.append(0..<opened.fileCount, of: opened.state.container.file)
                try temporary.file.synchronize()
            } catch {
                throw .system(action: "write", path: path, errno: error.number)
            }
            let state = try VaultState.authenticate(try Container.open(temporary.path), opened.keys)
            try state.verifyFrames()
            try temporary.link(to: path)
        } catch {
            temporary.remove()
            throw error
        }
        temporary.remove()
        let real = Folder.resolved(path) ?? path
        return try OpenVault(
            path: real, keys: opened.keys, state: VaultState.authenticate(try Container.open(real), opened.keys))
    }
}

extension OpenVault {
    /// Thirty-two bytes that tell this state from every other one; equal on machines that are in step.
    package var fingerprint: [UInt8] { keys.fingerprint(state.id) }
}
