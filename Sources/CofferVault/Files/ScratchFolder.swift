/// A folder of its own for work on a copy of a vault file, which is ciphertext.
import CofferCrypto
import CofferModel
import Glibc

package struct ScratchFolder {
    private let path: String

    package init() throws(VaultError) {
        let base = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        path = "\(base)/coffer-\(SystemRandom().makeBytes(count: 8).hexadecimal)"
        let path = path
        do throws(SystemError) {
            try SystemError.check { unsafe mkdir(path, 0o700) }
        } catch {
            throw .system(action: "make the folder", path: path, errno: error.number)
        }
    }

    /// A copy of the file `original` in the folder.
    package func copy(of original: String) throws(VaultError) -> String {
        let source = try Container.openRegularFile(original)
        let target = path + "/vault.coffer"
        do throws(SystemError) {
            let copy = try File(opening: target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
            try copy.append(0..<source.identity().sizeCount, of: source)
        } catch {
            throw .system(action: "copy", path: original, errno: error.number)
        }
        return target
    }

    /// Replaces `target` by `copy` in one step.
    package func put(_ copy: String, over target: String) throws(VaultError) {
        let temporary = try TemporaryFile.create(besideVault: target)
        do throws(VaultError) {
            do throws(SystemError) {
                let source = try File(opening: copy, O_RDONLY | O_NOFOLLOW)
                try temporary.file.append(0..<source.identity().sizeCount, of: source)
                try temporary.file.synchronize()
            } catch {
                throw .system(action: "write", path: target, errno: error.number)
            }
            try temporary.rename(to: target)
        } catch {
            temporary.remove()
            throw error
        }
    }

    /// What is in it was made by the work itself.
    package func remove() {
        for name in (try? Folder.names(in: path)) ?? [] {
            let inner = path + "/" + name
            for file in (try? Folder.names(in: inner)) ?? [] { try? Folder.remove(inner + "/" + file) }
            unsafe rmdir(inner)
            try? Folder.remove(inner)
        }
        unsafe rmdir(path)
    }
}
