/// The vault key and the keys made from it (docs/format.md, "Keys").
package import CofferCrypto
package import CofferFormat
package import CofferMemory
package import CofferModel
import Synchronization

/// What an opened vault seals and opens with. The keys never leave it.
package final class KeyHierarchy: Sendable {
    package let context: VaultContext
    let vaultKey: VaultKey
    let headerKey: HeaderKey
    let indexKey: IndexKey
    let nonceKey: NonceKey
    /// The element name key of the vault's first epoch, where the vault key has been changed since.
    private let inheritedElementNameKey = Mutex<SecretSlice?>(nil)

    package init(_ vaultKey: consuming VaultKey, _ context: VaultContext) {
        self.context = context
        headerKey = vaultKey.deriveHeaderKey()
        indexKey = vaultKey.deriveIndexKey()
        nonceKey = vaultKey.deriveNonceKey()
        self.vaultKey = vaultKey
    }

    /// A copy of the vault key, for the agent that is to hold the vault. It goes from the program that has opened the vault to
    /// the agent; no request brings it back.
    package func copyVaultKey() -> SecretBytes { vaultKey.copy() }

    /// Whether `key` is the vault key, in time that does not depend on it.
    package func isVaultKey(_ key: SecretSlice) -> Bool { vaultKey.isEqual(to: key) }

    // Derived when they are asked for: most commands need neither.
    var localStateKey: LocalStateKey { vaultKey.deriveLocalStateKey() }
    var receiptKey: ReceiptKey { vaultKey.deriveReceiptKey() }

    package var epochCheck: [UInt8] {
        let vaultID = context.vaultID
        return vaultKey.deriveEpochCheck(vaultID: vaultID.span, epoch: context.epoch)
    }

    /// The box of an entry; nil when its content would exceed what a box can hold.
    package func sealEntry(_ id: EntryID, _ versions: EntryVersions) -> [UInt8]? {
        let contentCount = EntryFrame.contentCount(versions)
        guard let paddedCount = Padding.paddedCount(for: contentCount) else { return nil }
        var padded = SecretBytes(zeroed: paddedCount)
        var prefix = padded.mutableSpan
        Padding.writePrefix(contentCount: contentCount, into: &prefix)
        var sink = SecretSink(filling: padded, from: Padding.prefixCount)
        VersionCoding.encode(versions, into: &sink)
        let filled = sink.finish()
        return SealedBox.seal(
            filled.span, associatedData: context.entryAssociatedData(id: id, paddedCount: paddedCount).span,
            key: vaultKey.deriveEntryKey(id: id.bytes.span), nonceKey: nonceKey)
    }

    /// What went wrong in opening an entry's box, in the words of docs/format.md.
    package enum OpeningError: Error, Equatable {
        case box(SealedBoxError)
        case padding
        case content(FormatError)
    }

    /// The versions in an entry's box; their values stay in one locked arena.
    package func openEntry(_ id: EntryID, box: borrowing Span<UInt8>) throws(OpeningError) -> EntryVersions {
        guard box.count >= SealedBox.overhead else { throw .box(.tooShort) }
        let paddedCount = box.count - SealedBox.overhead
        var padded = SecretBytes(zeroed: paddedCount)
        var target = padded.mutableSpan
        do throws(SealedBoxError) {
            try SealedBox.open(
                box, associatedData: context.entryAssociatedData(id: id, paddedCount: paddedCount).span,
                key: vaultKey.deriveEntryKey(id: id.bytes.span), nonceKey: nonceKey, into: &target)
        } catch {
            throw .box(error)
        }
        guard let range = try? Padding.contentRange(in: padded.span) else { throw .padding }
        do throws(FormatError) {
            return try EntryFrame.parseContent(SecretArena(padded), range)
        } catch {
            throw .content(error)
        }
    }

    /// Thirty-two bytes that tell one state of the vault from every other one, for people to compare.
    func fingerprint(_ stateID: [UInt8]) -> [UInt8] {
        let key = vaultKey.deriveFingerprintKey()
        return BLAKE2b.keyed(key: key.bytes.span, message: stateID.span, count: 32)
    }

    /// Names elements with `key` from now on; with the key of this epoch if it is nil.
    func inherit(elementNameKey key: SecretSlice?) { inheritedElementNameKey.withLock { $0 = key } }

    /// What elements are named with: the same in all epochs of a vault, so that one tag or code has one name.
    var elementNameKey: SecretSlice {
        inheritedElementNameKey.withLock { $0 }
            ?? SecretSlice(SecretBytes(copying: vaultKey.deriveElementNameKey().bytes.span))
    }

    /// The name of one element of a set: sixteen bytes that tell nothing without the vault key.
    package func elementHash(kind: UInt8, _ parts: [SecretSlice]) -> [UInt8] {
        let key = elementNameKey
        var hasher = BLAKE2bHasher(key: key.span, count: 16)
        hasher.update([kind].span)
        for part in parts { hasher.update(part.span) }
        return hasher.finish()
    }
}
