/// What the areas work with: the sizes to measure at, and vaults of those sizes in a folder of their own.
import CofferMemory
import CofferVault
import Glibc

final class Bench {
    let sizes: [Int]
    let runs: Int
    /// Below TMPDIR; removed at the end.
    let folder: String
    private var vaults: [Int: String] = [:]

    init(sizes: [Int], runs: Int) throws {
        self.sizes = sizes
        self.runs = runs
        folder = try Self.makeFolder()
    }

    deinit { Self.removeFolder(folder) }

    /// The path of a vault with `count` entries, which is made when it is first asked for.
    func vault(_ count: Int) throws -> String {
        if let path = vaults[count] { return path }
        let path = "\(folder)/\(count).coffer"
        try PlainLogins.write(count, to: path)
        vaults[count] = path
        return path
    }

    func open(_ count: Int) throws -> OpenVault {
        try OpenVault.open(try vault(count), PlainLogins.credential())
    }

    private static func makeFolder() throws -> String {
        let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        let path = "\(parent)/coffer-bench-\(getpid())"
        guard unsafe mkdir(path, 0o700) == 0 else { throw SystemError.last }
        return path
    }

    /// Removes the folder with the files and backup folders in it.
    private static func removeFolder(_ path: String) {
        for name in (try? Folder.names(in: path)) ?? [] {
            let inside = "\(path)/\(name)"
            if unsafe unlink(inside) != 0 { removeFolder(inside) }
        }
        _ = unsafe rmdir(path)
    }
}
