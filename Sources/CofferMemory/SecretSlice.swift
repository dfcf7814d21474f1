/// A shared, read-only piece of secret memory, so that the values of one entry live in one arena.

/// Owns the secret bytes that slices point into; they are wiped when the last slice is gone.
@safe package final class SecretArena: @unchecked Sendable {
    package let bytes: SecretBytes
    /// The first byte and the number of bytes of `bytes`, which never change.
    let base: UnsafePointer<UInt8>
    package let count: Int

    package init(_ bytes: consuming SecretBytes) {
        unsafe base = UnsafePointer(bytes.base)
        count = bytes.count
        self.bytes = bytes
    }

    /// The bytes, lent for reading.
    package var span: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // The bytes are immutable and live as long as the arena.
            let span = unsafe Span(_unsafeStart: base, count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }
}

/// A range of a ``SecretArena``. Copying a slice copies no secret.
package struct SecretSlice: Sendable {
    package let arena: SecretArena
    private let offset: Int
    /// The number of bytes.
    package let count: Int

    /// The whole of `bytes`.
    package init(_ bytes: consuming SecretBytes) {
        let count = bytes.count
        self.init(arena: SecretArena(bytes), offset: 0, count: count)
    }

    /// A copy of ordinary bytes: for values that are private and not secret (a title, a URL).
    package init(copying bytes: [UInt8]) { self.init(SecretBytes(copying: bytes)) }

    /// The range of `arena` that starts at `offset`; it must lie inside.
    package init(arena: SecretArena, offset: Int, count: Int) {
        precondition(offset >= 0 && count >= 0 && offset <= arena.count - count)
        self.arena = arena
        self.offset = offset
        self.count = count
    }

    /// The bytes, lent for reading.
    package var span: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // `init` checked the range; the arena is immutable and this slice keeps it alive.
            let span = unsafe Span(_unsafeStart: arena.base + offset, count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// The part of this slice in `range`, in the same arena.
    package func extracting(_ range: Range<Int>) -> SecretSlice {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return SecretSlice(arena: arena, offset: offset + range.lowerBound, count: range.count)
    }
}

extension SecretSlice: Equatable {
    /// Compares in time that depends on the lengths only.
    package static func == (left: SecretSlice, right: SecretSlice) -> Bool {
        constantTimeEqual(left.span, right.span)
    }
}
