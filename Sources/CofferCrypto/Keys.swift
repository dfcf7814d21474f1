/// The keys of a vault, one type each, so that none can be taken for another (docs/format.md, "Keys").
package import CofferMemory

/// The size of every key in bytes.
package let keyCount = 32

/// A key that seals boxes.
package protocol BoxKey: ~Copyable {
    var bytes: SecretBytes { get }
}

/// Wraps the vault key in one key slot, and nothing else.
package struct WrappingKey: ~Copyable {
    package let bytes: SecretBytes

    /// Takes over the 32 bytes of the key.
    package init(_ bytes: consuming SecretBytes) {
        precondition(bytes.count == keyCount)
        self.bytes = bytes
    }
}

/// Authenticates the header.
package struct HeaderKey: ~Copyable {
    package let bytes: SecretBytes

    /// Takes over the 32 bytes of the key.
    package init(_ bytes: consuming SecretBytes) {
        precondition(bytes.count == keyCount)
        self.bytes = bytes
    }
}

/// Seals the index.
package struct IndexKey: BoxKey, ~Copyable {
    package let bytes: SecretBytes

    /// Takes over the 32 bytes of the key.
    package init(_ bytes: consuming SecretBytes) {
        precondition(bytes.count == keyCount)
        self.bytes = bytes
    }
}

/// Seals one entry.
package struct EntryKey: BoxKey, ~Copyable {
    package let bytes: SecretBytes

    /// Takes over the 32 bytes of the key.
    package init(_ bytes: consuming SecretBytes) {
        precondition(bytes.count == keyCount)
        self.bytes = bytes
    }
}

/// Derives the nonces of sealed boxes.
package struct NonceKey: ~Copyable {
    package let bytes: SecretBytes

    /// Takes over the 32 bytes of the key.
    package init(_ bytes: consuming SecretBytes) {
        precondition(bytes.count == keyCount)
        self.bytes = bytes
    }
}

/// Names the elements of sets (tags, URLs, codes) without giving their text away.
package struct ElementNameKey: ~Copyable {
    package let bytes: SecretBytes

    /// Takes over the 32 bytes of the key.
    package init(_ bytes: consuming SecretBytes) {
        precondition(bytes.count == keyCount)
        self.bytes = bytes
    }
}

/// Makes the fingerprint that people compare by voice.
package struct FingerprintKey: ~Copyable {
    package let bytes: SecretBytes

    /// Takes over the 32 bytes of the key.
    package init(_ bytes: consuming SecretBytes) {
        precondition(bytes.count == keyCount)
        self.bytes = bytes
    }
}

/// Seals what this machine remembers about other replicas.
package struct LocalStateKey: BoxKey, ~Copyable {
    package let bytes: SecretBytes

    /// Takes over the 32 bytes of the key.
    package init(_ bytes: consuming SecretBytes) {
        precondition(bytes.count == keyCount)
        self.bytes = bytes
    }
}

/// Seals what a machine tells the others beside its replica.
package struct ReceiptKey: BoxKey, ~Copyable {
    package let bytes: SecretBytes

    /// Takes over the 32 bytes of the key.
    package init(_ bytes: consuming SecretBytes) {
        precondition(bytes.count == keyCount)
        self.bytes = bytes
    }
}
