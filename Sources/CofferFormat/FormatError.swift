/// Why bytes are not what docs/format.md describes.
package enum FormatError: Error, Equatable {
    /// The bytes end inside an item.
    case truncated
    /// Bytes follow where an item must end.
    case leftover
    /// Valid CBOR, but not its one canonical form; or another spelling of the same content.
    case notCanonical
    /// Not the type, count or key that stands here.
    case unexpected
    /// Text that is not valid UTF-8.
    case invalidText
    /// A limit of docs/format.md, by its name there.
    case limit(String)
    /// Not a vault file at all.
    case notAVault
    /// A version, suite, flag or KDF parameter that this program does not accept.
    case unsupported(String)
}
