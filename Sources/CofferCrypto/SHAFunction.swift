/// The hash functions of FIPS 180-4, on the low-level functions of libcrypto.
///
/// The one-shot and EVP interfaces initialise the whole library, which takes about a millisecond and reads a
/// configuration file; these functions touch nothing but their context.
import COpenSSL

/// A hash function whose chaining value is read and set as words, which the loop of PBKDF2 lives on.
///
/// In every context of libcrypto the chaining value comes first.
protocol SHAFunction {
    associatedtype Context
    associatedtype Word: FixedWidthInteger & UnsignedInteger & BitwiseCopyable

    /// The size of a hash value in bytes.
    static var outputCount: Int { get }
    /// The size of a message block in bytes.
    static var blockCount: Int { get }

    static func start(_ context: UnsafeMutablePointer<Context>)
    static func update(_ context: UnsafeMutablePointer<Context>, _ bytes: UnsafeRawPointer, _ count: Int)
    /// Writes ``outputCount`` bytes to `output`.
    static func finish(_ context: UnsafeMutablePointer<Context>, _ output: UnsafeMutablePointer<UInt8>)
    /// Works one block of ``blockCount`` bytes into the chaining value and nothing else.
    static func transform(_ context: UnsafeMutablePointer<Context>, _ block: UnsafePointer<UInt8>)
}

extension SHAFunction {
    /// The number of words in a hash value.
    static var wordCount: Int { outputCount / MemoryLayout<Word>.size }
}

// The functions return 1 always: they have no way to fail.

enum SHA1: SHAFunction {
    typealias Context = SHA_CTX
    typealias Word = UInt32
    static var outputCount: Int { 20 }
    static var blockCount: Int { 64 }

    static func start(_ context: UnsafeMutablePointer<Context>) { unsafe _ = SHA1_Init(context) }

    static func update(_ context: UnsafeMutablePointer<Context>, _ bytes: UnsafeRawPointer, _ count: Int) {
        unsafe _ = SHA1_Update(context, bytes, count)
    }

    static func finish(_ context: UnsafeMutablePointer<Context>, _ output: UnsafeMutablePointer<UInt8>) {
        unsafe _ = SHA1_Final(output, context)
    }

    static func transform(_ context: UnsafeMutablePointer<Context>, _ block: UnsafePointer<UInt8>) {
        unsafe SHA1_Transform(context, block)
    }
}

enum SHA256: SHAFunction {
    typealias Context = SHA256_CTX
    typealias Word = UInt32
    static var outputCount: Int { 32 }
    static var blockCount: Int { 64 }

    static func start(_ context: UnsafeMutablePointer<Context>) { unsafe _ = SHA256_Init(context) }

    static func update(_ context: UnsafeMutablePointer<Context>, _ bytes: UnsafeRawPointer, _ count: Int) {
        unsafe _ = SHA256_Update(context, bytes, count)
    }

    static func finish(_ context: UnsafeMutablePointer<Context>, _ output: UnsafeMutablePointer<UInt8>) {
        unsafe _ = SHA256_Final(output, context)
    }

    static func transform(_ context: UnsafeMutablePointer<Context>, _ block: UnsafePointer<UInt8>) {
        unsafe SHA256_Transform(context, block)
    }
}

enum SHA512: SHAFunction {
    typealias Context = SHA512_CTX
    typealias Word = UInt64
    static var outputCount: Int { 64 }
    static var blockCount: Int { 128 }

    static func start(_ context: UnsafeMutablePointer<Context>) { unsafe _ = SHA512_Init(context) }

    static func update(_ context: UnsafeMutablePointer<Context>, _ bytes: UnsafeRawPointer, _ count: Int) {
        unsafe _ = SHA512_Update(context, bytes, count)
    }

    static func finish(_ context: UnsafeMutablePointer<Context>, _ output: UnsafeMutablePointer<UInt8>) {
        unsafe _ = SHA512_Final(output, context)
    }

    static func transform(_ context: UnsafeMutablePointer<Context>, _ block: UnsafePointer<UInt8>) {
        unsafe SHA512_Transform(context, block)
    }
}
