/// Tells text that needs no thought about Unicode.

/// Whether no byte has its high bit set; looks at eight at a time.
package func isASCII(_ bytes: borrowing Span<UInt8>) -> Bool {
    let count = bytes.count
    var offset = 0
    while count - offset >= 8 {
        // Eight bytes lie there, and any eight bytes are an integer.
        let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
        guard word & 0x8080_8080_8080_8080 == 0 else { return false }
        offset += 8
    }
    while offset < count {
        guard bytes[offset] < 0x80 else { return false }
        offset += 1
    }
    return true
}
