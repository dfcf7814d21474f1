/// Comparison whose time does not depend on what is compared.
import CSodium

/// Whether both hold the same bytes; takes a time that depends on the lengths only.
package func constantTimeEqual(_ left: borrowing Span<UInt8>, _ right: borrowing Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe left.withUnsafeBytes { first in
        unsafe right.withUnsafeBytes { second in
            // Both buffers hold `count` bytes; an empty one may have no address.
            guard let a = first.baseAddress, let b = second.baseAddress else { return true }
            return unsafe sodium_memcmp(a, b, first.count) == 0
        }
    }
}

extension SecretBytes {
    /// Whether both are the same, in a time that depends on the lengths alone.
    package func isEqual(to other: borrowing SecretBytes) -> Bool { constantTimeEqual(span, other.span) }
}
