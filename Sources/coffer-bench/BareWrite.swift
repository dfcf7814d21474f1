/// The least that any safe save costs: writing as many bytes, fsync, rename, fsync of the folder.
import CofferMemory
import CofferVault
import Glibc

enum BareWrite {
    /// The median in milliseconds for `byteCount` bytes in the vault's folder.
    static func median(_ byteCount: Int, besideVault path: String, runs: Int) throws -> Double {
        let bytes = [UInt8](repeating: 0x5A, count: byteCount)
        let temporary = path + ".bare-new"
        let target = path + ".bare"
        defer { try? Folder.remove(target) }
        return try Stopwatch.median(runs: runs) {
            let file = try File(opening: temporary, O_WRONLY | O_CREAT | O_TRUNC)
            try file.write(bytes.span)
            try file.synchronize()
            try Folder.rename(temporary, to: target)
            try Folder.synchronize(Folder.parent(of: target))
        }
    }
}
