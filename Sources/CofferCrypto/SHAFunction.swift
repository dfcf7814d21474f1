/// The hash functions of FIPS 180-4, on the low-level functions of libcrypto.
///
/// The one-shot and EVP interfaces initialise the whole library, which takes about a millisecond and reads a
/// configuration file; these functions touch nothing but their context.
import COpenSSL

/// A hash function, with the functions that work on its context.
protocol SHAFunction {
    associatedtype Context

    /// The size of a hash value in bytes.
    static var outputCount: Int { get }
    /// The size of a message block in bytes.
    static var blockCount: Int { get }

    static func start(_ context: UnsafeMutablePointer<Context>)
    static func update(_ context: UnsafeMutablePointer<Context>, _ bytes: UnsafeRawPointer, _ count: Int)
    /// Writes ``outputCount`` bytes to `output`.
    static func finish(_ context: UnsafeMutablePointer<Context>, _ output: UnsafeMutablePointer<UInt8>)
}

/// A hash function of the second generation, whose chaining value is read and set as one vector of eight words.
///
/// In the contexts of libcrypto the chaining value comes first.
protocol SHA2Function: SHAFunction {
    associatedtype Words: SIMD & BitwiseCopyable where Words.Scalar: FixedWidthInteger

    /// Works one block of ``blockCount`` bytes into the chaining value and nothing else.
    static func transform(_ context: UnsafeMutablePointer<Context>, _ block: UnsafePointer<UInt8>)
    /// The words with the bytes of each in the opposite order.
    static func byteSwapped(_ words: Words) -> Words
}

// The functions return 1 always: they have no way to fail.

enum SHA1: SHAFunction {
    typealias Context = SHA_CTX
    static var outputCount: Int { 20 }
    static var blockCount: Int { 64 }

    static func start(_ context: UnsafeMutablePointer<Context>) { unsafe _ = SHA1_Init(context) }

    static func update(_ context: UnsafeMutablePointer<Context>, _ bytes: UnsafeRawPointer, _ count: Int) {
        unsafe _ = SHA1_Update(context, bytes, count)
    }

    static func finish(_ context: UnsafeMutablePointer<Context>, _ output: UnsafeMutablePointer<UInt8>) {
        unsafe _ = SHA1_Final(output, context)
    }
}

enum SHA256: SHA2Function {
    typealias Context = SHA256_CTX
    typealias Words = SIMD8<UInt32>
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

    @inline(__always)
    static func byteSwapped(_ words: Words) -> Words {
        let halves = (words &<< 16) | (words &>> 16)
        return ((halves & 0x00FF_00FF) &<< 8) | ((halves &>> 8) & 0x00FF_00FF)
    }
}

enum SHA512: SHA2Function {
    typealias Context = SHA512_CTX
    typealias Words = SIMD8<UInt64>
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

    @inline(__always)
    static func byteSwapped(_ words: Words) -> Words {
        let halves = (words &<< 32) | (words &>> 32)
        let quarters = ((halves & 0x0000_FFFF_0000_FFFF) &<< 16) | ((halves &>> 16) & 0x0000_FFFF_0000_FFFF)
        return ((quarters & 0x00FF_00FF_00FF_00FF) &<< 8) | ((quarters &>> 8) & 0x00FF_00FF_00FF_00FF)
    }
}
