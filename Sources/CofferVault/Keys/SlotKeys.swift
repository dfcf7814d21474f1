/// From what a person knows to the vault key, and back: opening and making key slots (docs/format.md, "Key slot").
package import CofferCrypto
package import CofferFormat
import CofferMemory

/// Why a slot cannot be opened though the credential may be right.
package enum SlotError: Error, Equatable {
    /// The derivation needs more memory than there is.
    case outOfMemory
    /// The credential is the slot's own, and the wrapped key does not open: it was altered.
    case damaged
}

package enum SlotKeys {
    /// The vault key, if this slot opens with `credential`. Nil for a wrong password, a wrong key file and altered
    /// parameters alike: the commitment tells no more, and all take the same work.
    package static func open(
        _ slot: KeySlot, with credential: Credential, _ context: VaultContext
    ) throws(SlotError) -> VaultKey? {
        let keys: SecretBytes
        do throws(CryptoError) {
            keys = try derive(slot.parameters, credential, context)
        } catch {
            throw .outOfMemory
        }
        guard constantTimeEqual(keys.span.extracting(commitmentRange), slot.commitment.span) else { return nil }
        return try unwrap(slot, wrappingKey(keys), context)
    }

    private static func unwrap(
        _ slot: KeySlot, _ wrappingKey: borrowing WrappingKey, _ context: VaultContext
    ) throws(SlotError) -> VaultKey {
        var key = SecretBytes(zeroed: keyCount)
        var target = key.mutableSpan
        let nonce = XChaCha20Poly1305.nonceZero
        let isOpen: Void? = try? XChaCha20Poly1305.open(
            slot.wrappedKey.span, nonce: nonce.span,
            associatedData: context.slotAssociatedData(slot.parameters).span, key: wrappingKey.bytes.span,
            into: &target)
        guard isOpen != nil else { throw .damaged }
        return VaultKey(key)
    }

    /// A slot that opens with `credential`.
    package static func make(
        role: KeySlotParameters.Role, kdf: SlotKDF, isTest: Bool, credential: Credential, vaultKey: borrowing VaultKey,
        _ context: VaultContext, random: some CofferCrypto.RandomSource
    ) throws(CryptoError) -> KeySlot {
        var flags: KeySlotParameters.Flags = credential.hasKeyFile ? .keyFile : []
        if isTest { flags.insert(.testKDF) }
        let parameters = KeySlotParameters(
            id: random.makeBytes(count: KeySlotParameters.idCount), role: role, kdf: kdf,
            salt: random.makeBytes(count: kdf.saltCount), flags: flags)
        let keys = try derive(parameters, credential, context)
        // The nonce is zero: a wrapping key, made from a fresh salt, seals exactly one message.
        let nonce = XChaCha20Poly1305.nonceZero
        let wrapped = XChaCha20Poly1305.seal(
            vaultKey.bytes.span, nonce: nonce.span,
            associatedData: context.slotAssociatedData(parameters).span,
            key: wrappingKey(keys).bytes.span)
        // The commitment is stored in clear.
        let commitment = commitmentRange.map { keys.span[$0] }
        return KeySlot(parameters: parameters, commitment: commitment, wrappedKey: wrapped)
    }

    private static let commitmentRange = 32..<64

    private static func wrappingKey(_ keys: borrowing SecretBytes) -> WrappingKey {
        WrappingKey(SecretBytes(copying: keys.span.extracting(first: keyCount)))
    }

    /// Wrapping key ‖ commitment, 32 bytes each.
    private static func derive(
        _ slot: KeySlotParameters, _ credential: Credential, _ context: VaultContext
    ) throws(CryptoError) -> SecretBytes {
        let stretched = try stretch(slot, credential)
        return expand(stretched, slot, credential, context)
    }

    private static func expand(
        _ stretched: borrowing SecretBytes, _ slot: KeySlotParameters, _ credential: Credential, _ context: VaultContext
    ) -> SecretBytes {
        var input = SecretBuilder(capacity: 128)
        input.append(stretched.span)
        if slot.flags.contains(.keyFile), let digest = credential.keyFileDigest { input.append(digest) }
        let info = Array("coffer/1 slot".utf8) + context.slotAssociatedData(slot)
        return HKDF.derive(ikm: input.span, salt: slot.salt.span, info: info.span, outputCount: 64)
    }

    private static func stretch(_ slot: KeySlotParameters, _ credential: Credential) throws(CryptoError) -> SecretBytes
    {
        let secret = credential.secret
        switch slot.kdf {
        case .pbkdf2HMACSHA512(let iterations):
            return PBKDF2.derive(
                .sha512, password: secret.span, salt: slot.salt.span, iterations: Int(iterations), outputCount: 64)
        case .pbkdf2HMACSHA256(let iterations):
            return PBKDF2.derive(
                .sha256, password: secret.span, salt: slot.salt.span, iterations: Int(iterations), outputCount: 32)
        case .argon2id(let passes, let memoryKiB):
            return try Argon2id.derive(
                password: secret.span, salt: slot.salt.span, passes: Int(passes), memoryKiB: Int(memoryKiB),
                outputCount: 64)
        case .none:
            return SecretBytes(copying: secret.span)
        }
    }
}
