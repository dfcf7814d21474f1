/// Small pieces of locked memory that are used again and again: for the states of C functions that hold a key or a part
/// of a message.
import CSodium
import Synchronization

/// A piece of ``byteCount`` bytes of locked memory, aligned to 64 bytes.
///
/// Locking a page takes some ten system calls, far longer than hashing a line: pieces that are given back are kept.
@safe package final class SecretWorkspace: @unchecked Sendable {
    package static let byteCount = 512
    /// More than are ever in use at once.
    private static let keptMaximum = 8
    private static let kept = Mutex<[SecretWorkspace]>([])

    private let bytes: SecretBytes
    /// The first byte.
    @unsafe package let start: UnsafeMutableRawPointer

    private init() {
        let bytes = SecretBytes(zeroed: Self.byteCount)
        // Secret memory ends with a page, so that a multiple of 64 bytes starts aligned.
        unsafe start = UnsafeMutableRawPointer(bytes.base)
        self.bytes = bytes
    }

    /// A piece of zeros. ``giveBack()`` ends its use.
    package static func take() -> SecretWorkspace { kept.withLock { $0.popLast() } ?? SecretWorkspace() }

    /// Wipes the piece and keeps it for the next use; it must not be used any more.
    package func giveBack() {
        // The memory has as many bytes.
        unsafe sodium_memzero(start, Self.byteCount)
        Self.kept.withLock { if $0.count < Self.keptMaximum { $0.append(self) } }
    }
}
