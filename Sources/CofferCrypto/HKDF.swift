/// Key derivation from key material that is already strong, with HMAC-SHA512 (RFC 5869).
package import CofferMemory

package enum HKDF {
    /// The most bytes one derivation can give: 255 hash values.
    package static let outputCountMaximum = 255 * 64

    /// Key material of `outputCount` bytes, at most ``outputCountMaximum``, for one purpose named by `info`.
    ///
    /// An empty salt is as good as 64 zero bytes (section 2.2).
    package static func derive(
        ikm: borrowing Span<UInt8>, salt: borrowing Span<UInt8>, info: borrowing Span<UInt8>, outputCount: Int
    ) -> SecretBytes {
        precondition(outputCount >= 0 && outputCount <= outputCountMaximum)
        let strongKey = HMAC.authenticate(.sha512, key: salt, message: ikm)
        var states = HMACKey<SHA512>(strongKey.span)
        var output = SecretBytes(zeroed: outputCount)
        var part = SecretBytes(zeroed: SHA512.outputCount)
        for (index, offset) in stride(from: 0, to: outputCount, by: SHA512.outputCount).enumerated() {
            states.start()
            if index > 0 { states.update(part.span) }
            states.update(info)
            // At most 255 parts: the length was checked.
            states.update([UInt8(index + 1)])
            var target = part.mutableSpan
            states.finish(into: &target)
            output.write(part.span.extracting(first: min(SHA512.outputCount, outputCount - offset)), at: offset)
        }
        return output
    }
}
