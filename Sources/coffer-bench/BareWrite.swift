/// The least that any safe save costs: writing as many bytes, fsync, rename, fsync of the folder.
import CofferMemory
import CofferVault
import Glibc

enum BareWrite {
    /// The median in milliseconds for `byteCount` bytes in the vault's folder.
    static func median(_ byteCount: Int, besideVault path: String, runs: Int) throws -> Double {
        // Small, because the memory of this process counts when others' is measured (``ProcessRun``).
        let piece = [UInt8](repeating: 0x5A, count: 256 * 1024)
        let temporary = path + ".bare-new"
        let target = path + ".bare"
        defer { try? Folder.remove(target) }
        return try Stopwatch.median(runs: runs) {
            let file = try File(opening: temporary, O_WRONLY | O_CREAT | O_TRUNC)
            for offset in stride(from: 0, to: byteCount, by: piece.count) {
                try file.write(piece.span.extracting(first: min(piece.count, byteCount - offset)))
            }
            try file.synchronize()
            try Folder.rename(temporary, to: target)
            try Folder.synchronize(Folder.parent(of: target))
        }
    }
}
