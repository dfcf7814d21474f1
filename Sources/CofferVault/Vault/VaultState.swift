/// One authenticated state of the vault file: what was read at one moment (docs/format.md, "The file").
import CofferCrypto
package import CofferFormat
import CofferMemory
package import CofferModel

/// The file, its header and its opened index. Header tag and index were verified before this value existed.
package struct VaultState: ~Copyable, Sendable {
    package let container: Container
    package let index: Index

    /// Verifies `container` with the vault's keys and opens its index.
    package static func authenticate(
        _ container: consuming Container, _ keys: KeyHierarchy
    ) throws(VaultError) -> VaultState {
        let path = container.path
        let header = container.header
        guard header.context.vaultID == keys.context.vaultID else {
            throw .refused(
                why: "\(path) is a different vault", remedy: "Name the vault it belongs to with --vault.")
        }
        guard header.context == keys.context, header.epochCheck == keys.epochCheck,
            Header.verifyTag(container.headerBytes.span, key: keys.headerKey)
        else { throw .damaged(path: path, place: "header tag") }
        let index = try openIndex(container, keys)
        guard header.slots == (try? SlotRegistry(index.registry).slots) else {
            throw .damaged(path: path, place: "key slots")
        }
        return VaultState(container: container, index: index)
    }

    private static func openIndex(
        _ container: borrowing Container, _ keys: KeyHierarchy
    ) throws(VaultError) -> Index {
        let path = container.path
        let header = container.header
        guard header.indexCount >= SealedBox.overhead + Padding.paddedCountMinimum else {
            throw .damaged(path: path, place: "index")
        }
        var box = PrivateBytes(zeroed: header.indexCount)
        do {
            var target = box.mutableSpan
            guard try container.file.read(into: &target, at: container.indexOffset) == header.indexCount else {
                throw FormatError.truncated
            }
            let associatedData = keys.context.indexAssociatedData(
                headerHash: Header.hash(container.headerBytes.span),
                paddedCount: header.indexCount - SealedBox.overhead)
            let padded = try SealedBox.openInPlace(
                &target, associatedData: associatedData.span, key: keys.indexKey, nonceKey: keys.nonceKey)
            let content = try Padding.contentRange(in: box.span.extracting(padded))
            let range = padded.lowerBound + content.lowerBound..<padded.lowerBound + content.upperBound
            return try Index.parse(
                box, content: range, framesOffset: container.framesOffset, framesCount: header.entriesCount)
        } catch let error as FormatError {
            throw error.asVaultError(path: path, place: "index")
        } catch let error as SystemError {
            throw .system(action: "read", path: path, errno: error.number)
        } catch {
            throw .damaged(path: path, place: "index")
        }
    }

    /// The same state, of the file under the name that it was given.
    consuming func renamed(to path: String) -> VaultState {
        VaultState(container: container.renamed(to: path), index: index)
    }

    /// Opens one entry: its hash must be the one that the index pins, its overview the one that the index shows.
    package func entry(at position: Int, _ keys: KeyHierarchy) throws(VaultError) -> Entry {
        let record = index.records[position]
        let path = container.path
        let place = "entry id:\(record.id.hexadecimal.prefix(8))"
        let box = try self.box(record, keys)
        let versions: EntryVersions
        do throws(KeyHierarchy.OpeningError) {
            versions = try keys.openEntry(record.id, box: box.span)
        } catch {
            guard case .content(let fault) = error else { throw .damaged(path: path, place: place) }
            throw fault.asVaultError(path: path, place: place)
        }
        let entry = Entry(id: record.id, versions: versions)
        guard index.holds(Overview(entry), record) else { throw .damaged(path: path, place: place) }
        return entry
    }

    /// The sealed bytes of an entry, which are those that the index vouches for.
    func box(_ record: IndexRecord, _ keys: KeyHierarchy) throws(VaultError) -> [UInt8] {
        let path = container.path
        let place = "entry id:\(record.id.hexadecimal.prefix(8))"
        guard record.boxCount <= Self.boxCountMaximum else {
            throw .unsupported(path: path, what: "more than the limit: entry")
        }
        let frame: [UInt8]
        do throws(SystemError) {
            frame = try container.file.bytes(at: record.frameOffset, count: record.frameCount)
        } catch {
            throw .system(action: "read", path: path, errno: error.number)
        }
        guard frame.count == record.frameCount,
            Array(frame[..<EntryFrame.headCount]) == EntryFrame.head(id: record.id, boxCount: record.boxCount)
        else { throw .damaged(path: path, place: place) }
        let box = Array(frame[EntryFrame.headCount...])
        guard BLAKE2b.hash(box.span, count: IndexRecord.hashCount) == index.pinnedHash(record) else {
            throw .damaged(path: path, place: place)
        }
        return box
    }

    /// A box for the longest content, padded; Padmé adds at most an eighth.
    private static let boxCountMaximum = Limits.entryContent / 8 * 9 + SealedBox.overhead
}
