/// One authenticated state of the vault file: what was read at one moment (docs/format.md, "The file").
import CofferCrypto
package import CofferFormat
import CofferMemory
package import CofferModel

/// The file, its header and its opened index. Header tag and index were verified before this value existed.
package struct VaultState: ~Copyable, Sendable {
    package let container: Container
    package let index: Index
    /// Twenty-four bytes that no other state of any vault has: the nonce of the index box, which is derived from all that the
    /// index and the header hold.
    package let id: [UInt8]

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
        guard header.context.epoch == keys.context.epoch else {
            throw .refused(
                why: "\(path) belongs to another key epoch of this vault; nothing was changed",
                remedy: "Open it with the password of that time: coffer ls --vault FILE")
        }
        guard header.context == keys.context, header.epochCheck == keys.epochCheck,
            Header.verifyTag(container.headerBytes.span, key: keys.headerKey)
        else { throw .damaged(path: path, place: "header tag") }
        var id: [UInt8] = []
        let index = try openIndex(container, keys, &id)
        guard header.slots == (try? SlotRegistry(index.registry).slots) else {
            throw .damaged(path: path, place: "key slots")
        }
        return VaultState(container: container, index: index, id: id)
    }

    private static func openIndex(
        _ container: borrowing Container, _ keys: KeyHierarchy, _ id: inout [UInt8]
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
            id = (0..<XChaCha20Poly1305.nonceCount).map { target[$0] }
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
        VaultState(container: container.renamed(to: path), index: index, id: id)
    }

    /// Opens one entry: its hash must be the one that the index pins, its overview the one that the index shows.
    package func entry(at position: Int, _ keys: KeyHierarchy) throws(VaultError) -> Entry {
        let record = index.records[position]
        let entry = Entry(id: record.id, versions: try versions(at: position, keys))
        guard index.holds(Overview(entry), record) else { throw damaged(record) }
        return entry
    }

    /// The versions of one entry, whose hash must be the one that the index pins. What its overview says is left aside: for
    /// merging, which makes overviews anew.
    func versions(at position: Int, _ keys: KeyHierarchy) throws(VaultError) -> EntryVersions {
        let record = index.records[position]
        let frame = try readFrame(record)
        do throws(KeyHierarchy.OpeningError) {
            return try keys.openEntry(record.id, box: frame.span.extracting(droppingFirst: EntryFrame.headCount))
        } catch {
            guard case .content(let fault) = error else { throw damaged(record) }
            throw fault.asVaultError(path: container.path, place: place(record))
        }
    }

    // MARK: Frames

    /// The bytes of an entry's frame, whose box is the one that the index vouches for.
    func readFrame(_ record: IndexRecord) throws(VaultError) -> [UInt8] {
        guard record.boxCount <= Self.boxCountMaximum else {
            throw .unsupported(path: container.path, what: "more than the limit: entry")
        }
        let frame = try read(record.frameOffset..<record.frameEnd)
        guard isIntact(frame.span, record) else { throw damaged(record) }
        return frame
    }

    /// Reads every frame and checks it against the index; frames lie one after the other, so many come with one read.
    func verifyFrames() throws(VaultError) {
        let records = index.records
        var position = 0
        while position < records.count {
            let start = records[position].frameOffset
            let end = records[position...].firstIndex { $0.frameEnd - start > Self.pieceCount } ?? records.count
            guard end > position else {
                // Longer than a piece.
                _ = try readFrame(records[position])
                position += 1
                continue
            }
            let piece = try read(start..<records[end - 1].frameEnd)
            for record in records[position..<end] {
                let range = record.frameOffset - start..<record.frameEnd - start
                guard range.upperBound <= piece.count, isIntact(piece.span.extracting(range), record) else {
                    throw damaged(record)
                }
            }
            position = end
        }
    }

    /// The bytes of the file in `range`, or fewer at its end.
    private func read(_ range: Range<Int>) throws(VaultError) -> [UInt8] {
        do throws(SystemError) {
            return try container.file.bytes(at: range.lowerBound, count: range.count)
        } catch {
            throw .system(action: "read", path: container.path, errno: error.number)
        }
    }

    private func isIntact(_ frame: borrowing Span<UInt8>, _ record: IndexRecord) -> Bool {
        guard frame.count == record.frameCount,
            let head = try? EntryFrame.parseHead(frame), head == (record.id, record.boxCount)
        else { return false }
        return index.vouches(for: frame.extracting(droppingFirst: EntryFrame.headCount), of: record)
    }

    private func place(_ record: IndexRecord) -> String { "entry id:\(record.id.hexadecimal.prefix(8))" }

    private func damaged(_ record: IndexRecord) -> VaultError {
        .damaged(path: container.path, place: place(record))
    }

    /// How much is read at once, in bytes.
    private static let pieceCount = 256 * 1024

    /// A box for the longest content, padded; Padmé adds at most an eighth.
    private static let boxCountMaximum = Limits.entryContent / 8 * 9 + SealedBox.overhead
}
