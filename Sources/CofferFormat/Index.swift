/// The opened index: settings, slot registry and a record for every entry (docs/format.md, "Index").
import CofferCrypto
package import CofferMemory
import CofferMerge
package import CofferModel

/// What the index says of one entry. An index is shorter than 4 GiB, so places in it take four bytes.
package struct IndexRecord: Sendable {
    package static let hashCount = 32

    package let id: EntryID
    /// Where the entry's frame starts in the file, in bytes.
    package let frameOffset: Int
    private let boxCount32: UInt32
    private let hashOffset32: UInt32
    /// The whole record in the index, to be copied as it is when the entry has not changed.
    private let encodedPlace: OverviewLayout.Place
    package let summary: OverviewSummary

    init(
        id: EntryID, frameOffset: Int, boxCount: UInt32, hashOffset: Int, encoded: Range<Int>,
        summary: OverviewSummary
    ) {
        self.id = id
        self.frameOffset = frameOffset
        boxCount32 = boxCount
        hashOffset32 = UInt32(truncatingIfNeeded: hashOffset)
        encodedPlace = OverviewLayout.Place(encoded)
        self.summary = summary
    }

    /// The length of the entry's box in bytes.
    package var boxCount: Int { Int(boxCount32) }
    package var frameCount: Int { EntryFrame.headCount + boxCount }
    package var frameEnd: Int { frameOffset + frameCount }
    var encoded: Range<Int> { encodedPlace.range }
    /// Where the hash of the box stands in the index.
    var hash: Range<Int> { Int(hashOffset32)..<Int(hashOffset32) + IndexRecord.hashCount }
    /// Where the overview stands in the index.
    package var overviewRange: Range<Int> { hash.upperBound..<encoded.upperBound }
}

/// The content of an index box that has been opened and authenticated, with its records found in one pass.
package struct Index: ~Copyable, Sendable {
    package static let registryHistoryLimit = 0

    private let bytes: PrivateBytes
    package let settings: EntryVersions
    package let registry: EntryVersions
    /// Ascending by entry id.
    package let records: [IndexRecord]

    /// Reads the content, which is `range` of `bytes`; the entry frames start at `framesOffset` of the file and are
    /// `framesCount` bytes long.
    package static func parse(
        _ bytes: consuming PrivateBytes, content range: Range<Int>, framesOffset: Int, framesCount: Int
    ) throws(FormatError) -> Index {
        var cursor = CBORCursor(range)
        var keys = KeyReader(pairs: try cursor.map(bytes.span, atMost: 3))

        guard try keys.next(0, bytes.span, &cursor) else { throw .unexpected }
        let settings = try versions(bytes.span, at: &cursor, of: .settings)
        guard try keys.next(1, bytes.span, &cursor) else { throw .unexpected }
        let registry = try versions(bytes.span, at: &cursor, of: .registry)
        guard try keys.next(2, bytes.span, &cursor) else { throw .unexpected }
        let records = try records(bytes.span, at: &cursor, framesOffset: framesOffset, framesCount: framesCount)
        try keys.finish()
        try cursor.finish()
        return Index(bytes: bytes, settings: settings, registry: registry, records: records)
    }

    private init(
        bytes: consuming PrivateBytes, settings: EntryVersions, registry: EntryVersions, records: [IndexRecord]
    ) {
        self.bytes = bytes
        self.settings = settings
        self.registry = registry
        self.records = records
    }

    /// The index of a vault without entries.
    package init() {
        self.init(bytes: PrivateBytes(zeroed: 0), settings: EntryVersions(), registry: EntryVersions(), records: [])
    }

    /// Lends the bytes that the records' layouts point into.
    package func withBytes<Result, Failure: Error>(
        _ body: (borrowing Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(bytes.span)
    }

    /// The position of `id` in `records`.
    package func position(of id: EntryID) -> Int? {
        var low = 0
        var high = records.count
        while low < high {
            let middle = (low + high) / 2
            if records[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < records.count && records[low].id == id ? low : nil
    }

    /// Whether `box` has the BLAKE2b-256 that this index pins for the entry of `record`.
    package func vouches(for box: borrowing Span<UInt8>, of record: IndexRecord) -> Bool {
        BLAKE2b.isHash(bytes.span.extracting(record.hash), of: box)
    }

    /// The positions of `other`'s records whose entries this index does not have with the same sealed bytes.
    package func differences(from other: borrowing Index) -> [Int] {
        var different: [Int] = []
        var own = 0
        let (ours, theirs) = (bytes.span, other.bytes.span)
        for (position, record) in other.records.enumerated() {
            while own < records.count, records[own].id < record.id { own += 1 }
            guard own < records.count, records[own].id == record.id else {
                different.append(position)
                continue
            }
            let (one, two) = (records[own].hash.lowerBound, record.hash.lowerBound)
            for offset in 0..<IndexRecord.hashCount where ours[one + offset] != theirs[two + offset] {
                different.append(position)
                break
            }
        }
        return different
    }

    package func overview(_ record: IndexRecord) throws(FormatError) -> Overview {
        var cursor = CBORCursor(record.overviewRange)
        return try OverviewCoding.decode(bytes.span, OverviewLayout.scan(bytes.span, at: &cursor))
    }

    /// Whether the record's overview is, byte for byte, `overview`.
    package func holds(_ overview: Overview, _ record: IndexRecord) -> Bool {
        var sink = ArraySink()
        OverviewCoding.encode(overview, into: &sink)
        let place = record.overviewRange
        return place.count == sink.bytes.count && zip(place, sink.bytes).allSatisfy { bytes.span[$0] == $1 }
    }

    /// Copies the versions' bytes into an arena of their own, because values point into arenas.
    private static func versions(
        _ bytes: borrowing Span<UInt8>, at cursor: inout CBORCursor, of owner: VersionCoding.Owner
    ) throws(FormatError) -> EntryVersions {
        let start = cursor.position
        try cursor.skip(bytes, depth: 1)
        let arena = SecretArena(SecretBytes(copying: bytes.extracting(start..<cursor.position)))
        var inner = CBORCursor(0..<arena.count)
        return try VersionCoding.decode(arena, at: &inner, of: owner, depth: 1)
    }

    private static func records(
        _ bytes: borrowing Span<UInt8>, at cursor: inout CBORCursor, framesOffset: Int, framesCount: Int
    ) throws(FormatError) -> [IndexRecord] {
        let count = try cursor.array(bytes, atMost: .max)
        guard count <= Limits.entries else { throw .limit("entries") }
        var records: [IndexRecord] = []
        records.reserveCapacity(count)
        var frameOffset = framesOffset
        var lastID: EntryID?
        for _ in 0..<count {
            let start = cursor.position
            guard try cursor.array(bytes, atMost: 4) == 4 else { throw .unexpected }
            let idRange = try cursor.byteString(bytes, count: EntryID.byteCount)
            guard let id = EntryID(bytes.extracting(idRange)) else { throw .unexpected }
            if let lastID, lastID >= id { throw .notCanonical }
            lastID = id
            let boxCount = try cursor.unsigned(bytes)
            // The frames must end where the file ends, so none can be longer than what is left.
            let rest = framesOffset + framesCount - frameOffset - EntryFrame.headCount
            guard rest >= 0, boxCount <= UInt64(rest), let boxCount = UInt32(exactly: boxCount) else {
                throw .truncated
            }
            let hash = try cursor.byteString(bytes, count: IndexRecord.hashCount)
            let layout = try OverviewLayout.scan(bytes, at: &cursor)
            let record = IndexRecord(
                id: id, frameOffset: frameOffset, boxCount: boxCount, hashOffset: hash.lowerBound,
                encoded: start..<cursor.position, summary: OverviewSummary(layout))
            records.append(record)
            frameOffset += record.frameCount
        }
        guard frameOffset == framesOffset + framesCount else { throw .leftover }
        return records
    }
}

/// What is to become a record of a new index.
package enum IndexRecordSource {
    /// The record at this position of the old index, as it is.
    case kept(Int)
    /// A new or changed entry.
    case written(id: EntryID, boxCount: Int, hash: [UInt8], overview: Overview)
}

extension Index {
    /// Writes an index into memory for its box, padded and ready to be sealed in place; nil when it would exceed 4 GiB.
    package static func serializeForSealing(
        settings: EntryVersions, registry: EntryVersions, records: [IndexRecordSource], old: borrowing Index
    ) -> PrivateBytes? {
        var length = LengthSink()
        encode(settings: settings, registry: registry, records: records, old: old, into: &length)
        guard let paddedCount = Padding.paddedCount(for: length.count) else { return nil }

        var box = PrivateBytes(zeroed: paddedCount + SealedBox.overhead)
        let padded = SealedBox.contentRange(ofBoxCount: box.count)
        box.write(bigEndian(UInt32(length.count)).span, at: padded.lowerBound)
        var sink = PrivateSink(filling: box, from: padded.lowerBound + Padding.prefixCount)
        encode(settings: settings, registry: registry, records: records, old: old, into: &sink)
        return sink.finish()
    }

    private static func encode<Sink: CBORSink & ~Copyable>(
        settings: EntryVersions, registry: EntryVersions, records: [IndexRecordSource], old: borrowing Index,
        into sink: inout Sink
    ) {
        sink.putMap(count: 3)
        sink.putUnsigned(0)
        VersionCoding.encode(settings, into: &sink)
        sink.putUnsigned(1)
        VersionCoding.encode(registry, into: &sink)
        sink.putUnsigned(2)
        sink.putArray(count: records.count)
        for source in records {
            switch source {
            case .kept(let position):
                sink.put(old.bytes.span.extracting(old.records[position].encoded))
            case .written(let id, let boxCount, let hash, let overview):
                sink.putArray(count: 4)
                sink.putBytes(id.bytes)
                sink.putUnsigned(UInt64(boxCount))
                sink.putBytes(hash)
                OverviewCoding.encode(overview, into: &sink)
            }
        }
    }
}
