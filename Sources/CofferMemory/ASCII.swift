/// Tells text that needs no thought about Unicode, and characters that no name may have.

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

/// Whether `scalar` is a control character of ASCII or Latin-1, of which NUL is one.
package func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
}
