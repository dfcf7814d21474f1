/// Small sealed files beside vaults: what a machine remembers, and receipts (docs/sync.md, "Sealed notes").
import CofferCrypto
import CofferFormat
import CofferMemory

/// A note is its magic, the epoch of the key that seals it, and one sealed box. Its associated data holds the kind and a
/// name, so that no note passes for another one.
package struct SealedNote {
    enum Kind: String {
        case memory
        case states
        case receipt
    }

    static let magic: [UInt8] = [0x89, 0x43, 0x4F, 0x46, 0x4E, 0x4F, 0x54, 0x0A]
    static let headCount = magic.count + 8 + checkCount
    private static let checkCount = 16
    /// No note is longer, in bytes.
    static let countMaximum = 4 * 1024 * 1024

    let kind: Kind
    /// What the note is about: a path, a file's name.
    let name: String
    let keys: KeyHierarchy

    func seal(_ content: [UInt8]) -> [UInt8]? {
        guard let paddedCount = Padding.paddedCount(for: content.count) else { return nil }
        var padded = PrivateBytes(zeroed: paddedCount)
        var prefix = padded.mutableSpan
        Padding.writePrefix(contentCount: content.count, into: &prefix)
        padded.write(content.span, at: Padding.prefixCount)
        let associatedData = associatedData(paddedCount)
        let box =
            kind == .receipt
            ? SealedBox.seal(
                padded.span, associatedData: associatedData.span, key: keys.receiptKey, nonceKey: keys.nonceKey)
            : SealedBox.seal(
                padded.span, associatedData: associatedData.span, key: keys.localStateKey, nonceKey: keys.nonceKey)
        let head = Self.magic + bigEndian(keys.context.epoch)
        return head + BLAKE2b.hash(head.span, count: Self.checkCount) + box
    }

    /// The content; nil when it is not what ``seal`` wrote under this kind, name and key.
    func open(_ bytes: [UInt8]) -> [UInt8]? {
        guard Self.epoch(of: bytes) == keys.context.epoch, bytes.count >= Self.headCount + SealedBox.overhead else {
            return nil
        }
        let box = bytes.span.extracting(droppingFirst: Self.headCount)
        let paddedCount = box.count - SealedBox.overhead
        let associatedData = associatedData(paddedCount)
        var padded = PrivateBytes(zeroed: paddedCount)
        var target = padded.mutableSpan
        do throws(SealedBoxError) {
            if kind == .receipt {
                try SealedBox.open(
                    box, associatedData: associatedData.span, key: keys.receiptKey, nonceKey: keys.nonceKey,
                    into: &target)
            } else {
                try SealedBox.open(
                    box, associatedData: associatedData.span, key: keys.localStateKey, nonceKey: keys.nonceKey,
                    into: &target)
            }
        } catch {
            return nil
        }
        guard let range = try? Padding.contentRange(in: padded.span) else { return nil }
        return range.map { padded.span[$0] }
    }

    /// The epoch that a note names in clear; nil for what is no note.
    package static func epoch(of bytes: [UInt8]) -> UInt64? {
        guard bytes.count >= headCount, bytes.starts(with: magic) else { return nil }
        // Damage must not pass for another epoch.
        let epochEnd = magic.count + 8
        guard
            bytes[epochEnd..<headCount].elementsEqual(
                BLAKE2b.hash(bytes.span.extracting(0..<epochEnd), count: checkCount))
        else { return nil }
        return bytes.span.bigEndian(at: magic.count, count: 8)
    }

    private func associatedData(_ paddedCount: Int) -> [UInt8] {
        keys.context.noteAssociatedData(kind: kind.rawValue, name: Array(name.utf8), paddedCount: paddedCount)
    }
}
