/// What a person opens a vault with.
import CofferFormat
import CofferMemory

/// A master password with an optional key file, or the recovery key.
package struct Credential: Sendable {
    package enum Kind: Sendable {
        case password
        case recoveryKey
    }

    package let kind: Kind
    /// The normalised password, or the 20 bytes of the recovery key.
    let secret: SecretSlice
    let keyFileDigest: SecretSlice?

    package init(password: borrowing MasterPassword, keyFile: KeyFile? = nil) {
        kind = .password
        secret = SecretSlice(SecretBytes(copying: password.bytes.span))
        keyFileDigest = keyFile?.digest
    }

    package init(recoveryKey: borrowing RecoveryKey) {
        kind = .recoveryKey
        secret = SecretSlice(SecretBytes(copying: recoveryKey.bytes.span))
        keyFileDigest = nil
    }

    private init(kind: Kind, secret: SecretSlice, keyFileDigest: SecretSlice?) {
        self.kind = kind
        self.secret = secret
        self.keyFileDigest = keyFileDigest
    }

    /// The same password together with a key file.
    package func with(keyFile: KeyFile) -> Credential {
        Credential(kind: kind, secret: secret, keyFileDigest: keyFile.digest)
    }

    package var hasKeyFile: Bool { keyFileDigest != nil }

    /// Lends the password or recovery key, to judge what it is worth.
    package func withSecret<Result>(_ body: (borrowing Span<UInt8>) -> Result) -> Result { body(secret.span) }

    /// Whether this is what a slot of these parameters asks for: one that needs a key file that was not given is passed
    /// over.
    func suits(_ slot: KeySlotParameters) -> Bool {
        let role: KeySlotParameters.Role = kind == .password ? .password : .recovery
        return slot.role == role && (!slot.flags.contains(.keyFile) || hasKeyFile)
    }
}
