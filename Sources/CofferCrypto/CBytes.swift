/// Hands spans to C functions that take an address and a length.

extension Span<UInt8> {
    /// Lends the bytes as an address that is never nil; it must not be read when `count` is 0.
    func withCBytes<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        unsafe withUnsafeBytes { buffer in
            // An empty span may have no address. The stand-in is never read, because its length is 0.
            guard let start = buffer.baseAddress, unsafe !buffer.isEmpty else {
                return unsafe body(UnsafePointer(bitPattern: 64).unsafelyUnwrapped)
            }
            // `start` is the address of `count` bytes of UInt8, which is what this span holds.
            return unsafe body(start.assumingMemoryBound(to: UInt8.self))
        }
    }
}

extension MutableSpan<UInt8> {
    /// Lends the bytes as an address that is never nil; it must not be used when `count` is 0.
    mutating func withCBytes<Result>(_ body: (UnsafeMutablePointer<UInt8>) -> Result) -> Result {
        unsafe withUnsafeMutableBytes { buffer in
            // As above: the stand-in is never used, because its length is 0.
            guard let start = buffer.baseAddress, unsafe !buffer.isEmpty else {
                return unsafe body(UnsafeMutablePointer(bitPattern: 64).unsafelyUnwrapped)
            }
            return unsafe body(start.assumingMemoryBound(to: UInt8.self))
        }
    }
}
