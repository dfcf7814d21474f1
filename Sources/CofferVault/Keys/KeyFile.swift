/// The optional key file, which stays on trusted machines (docs/format.md, "Key slot").
package import CofferCrypto
import CofferFormat
import CofferMemory
import Glibc

/// The digest of a key file, to be joined to what the password derives to.
package struct KeyFile: Sendable {
    package static let countRange = 32...(1 << 20)

    /// BLAKE2b-512 of the file's content.
    let digest: SecretSlice

    /// Reads the regular file at `path`, 32 bytes to 1 MiB.
    package init(path: String) throws(VaultError) {
        do {
            let file = try File(opening: path, O_RDONLY | O_NONBLOCK)
            let status = try file.status()
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw VaultError.keyFileUnusable(path: path, why: "it is not a regular file")
            }
            guard Self.countRange.contains(Int(status.st_size)) else {
                throw VaultError.keyFileUnusable(path: path, why: "it is not between 32 bytes and 1 MiB long")
            }
            var content = SecretBytes(zeroed: Int(status.st_size))
            var target = content.mutableSpan
            guard try file.read(into: &target, at: 0) == content.count else { throw SystemError(number: EIO) }
            // A vault file changes with every save, and would be another key then.
            guard !Header.isMagic(content.span) else {
                throw VaultError.keyFileUnusable(path: path, why: "it is a vault")
            }
            var hasher = BLAKE2bHasher(count: 64)
            hasher.update(content.span)
            digest = SecretSlice(hasher.finishSecret())
        } catch let error as SystemError {
            switch error.number {
            case ENOENT, ENOTDIR: throw .keyFileUnusable(path: path, why: "there is no such file")
            // A socket, or a device that nothing answers for.
            case ENXIO: throw .keyFileUnusable(path: path, why: "it is not a regular file")
            default: throw .system(action: "read the key file", path: path, errno: error.number)
            }
        } catch let error as VaultError {
            throw error
        } catch {
            throw .keyFileUnusable(path: path, why: "it cannot be read")
        }
    }

    /// Makes a new key file of 256 random bits in hexadecimal, which nobody but its owner may read.
    package static func create(path: String, random: some CofferCrypto.RandomSource) throws(VaultError) {
        let secret = random.makeSecret(count: 32)
        var text = SecretBuilder(capacity: 80)
        let digits = Array("0123456789abcdef".utf8)
        for index in 0..<secret.count {
            text.append(digits[Int(secret.span[index] >> 4)])
            text.append(digits[Int(secret.span[index] & 15)])
        }
        text.append("\n")
        try SecretFile.create(path, text.span)
    }
}
