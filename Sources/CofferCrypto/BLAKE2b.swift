/// Hashing and keyed hashing (RFC 7693), by libsodium.
import CofferMemory

package enum BLAKE2b {
    /// The sizes of a hash value in bytes that libsodium gives.
    package static let outputCounts = 16...64
    /// The largest key in bytes.
    package static let keyCountMaximum = 64

    /// The hash of `message`, `count` bytes (16 to 64) long.
    package static func hash(_ message: borrowing Span<UInt8>, count: Int) -> [UInt8] {
        var hasher = BLAKE2bHasher(count: count)
        hasher.update(message)
        return hasher.finish()
    }

    /// Whether `value`, 16 to 64 bytes, is the hash of `message` of its length.
    package static func isHash(_ value: borrowing Span<UInt8>, of message: borrowing Span<UInt8>) -> Bool {
        var hasher = BLAKE2bHasher(count: value.count)
        hasher.update(message)
        return hasher.finishesAs(value)
    }

    /// The keyed hash of `message`, `count` bytes (16 to 64) long, as a value that is not secret: a tag, a nonce.
    package static func keyed(key: borrowing Span<UInt8>, message: borrowing Span<UInt8>, count: Int) -> [UInt8] {
        var hasher = BLAKE2bHasher(key: key, count: count)
        hasher.update(message)
        return hasher.finish()
    }
}
