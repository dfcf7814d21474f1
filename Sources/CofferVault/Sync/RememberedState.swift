/// What one machine has seen of one vault (docs/sync.md, "What a machine remembers").
package import CofferFormat

/// What was last seen of a file in the shared folder.
struct RememberedReplica: Equatable {
    var name: String
    var stamp: FileStamp
    /// BLAKE2b-256 of header and index.
    var contentHash: [UInt8]
    /// The first bytes of the ids of the states that were seen, the latest last.
    var states: [[UInt8]]
    /// The edits in the latest state, counted as ``RememberedState/edits`` is.
    var edits: UInt64
    /// When the latest state was first seen, by this machine's clock.
    var seenAtSeconds: UInt64
    /// From its receipt; empty and 0 without one.
    var machineLabel: String
    var receiptAtSeconds: UInt64
    /// Whether it went back in time when it was last looked at.
    var wentBack: Bool

    static let statesMaximum = 64
}

/// The latest state of the local file, and what goes with it.
package struct RememberedState: Equatable {
    /// Twenty-four bytes (``VaultState/id``).
    var stateID: [UInt8]
    /// How many edits the vault holds, counted from the state that was seen first: it only grows, but for a file that
    /// goes back.
    var edits: UInt64
    var seenAtSeconds: UInt64
    var place: SyncPlace?
    var replicas: [RememberedReplica] = []
    /// The last states of the list, in case that is lost.
    var recent = SeenStates()

    static let recentMaximum = 32

    static let stateIDCount = 24
    /// A state is known by so many bytes of its id where many are remembered.
    static let shortCount = 8
    private static let version: UInt64 = 1
    /// What is written of so many fits into a note (``SealedNote/countMaximum``).
    private static let replicasMaximum = 2048

    // MARK: Coding

    package var encoded: [UInt8] {
        var sink = ArraySink()
        sink.putArray(count: 7)
        sink.putUnsigned(Self.version)
        sink.putBytes(stateID)
        sink.putUnsigned(edits)
        sink.putUnsigned(seenAtSeconds)
        switch place {
        case nil: sink.putArray(count: 0)
        case .folder(let path)?:
            sink.putArray(count: 2)
            sink.putUnsigned(0)
            sink.putText(path)
        case .file(let path)?:
            sink.putArray(count: 2)
            sink.putUnsigned(1)
            sink.putText(path)
        }
        let kept = replicas.suffix(Self.replicasMaximum)
        sink.putArray(count: kept.count)
        for replica in kept { Self.encode(replica, into: &sink) }
        sink.putBytes(recent.encoded)
        return sink.bytes
    }

    private static func encode(_ replica: RememberedReplica, into sink: inout ArraySink) {
        sink.putArray(count: 9)
        sink.putText(replica.name)
        sink.putArray(count: FileStamp.count)
        for value in replica.stamp.values { sink.putUnsigned(value) }
        sink.putBytes(replica.contentHash)
        sink.putBytes(replica.states.suffix(RememberedReplica.statesMaximum).flatMap { $0 })
        sink.putUnsigned(replica.edits)
        sink.putUnsigned(replica.seenAtSeconds)
        sink.putText(replica.machineLabel)
        sink.putUnsigned(replica.receiptAtSeconds)
        sink.putFlag(replica.wentBack)
    }

    package static func decode(_ bytes: [UInt8]) throws(FormatError) -> RememberedState {
        var reader = NoteReader(bytes)
        try reader.array(count: 7)
        guard try reader.unsigned() == version else { throw .unsupported("a newer memory") }
        var state = RememberedState(
            stateID: try reader.byteString(count: stateIDCount), edits: try reader.unsigned(),
            seenAtSeconds: try reader.unsigned())
        state.place = try decodePlace(&reader)
        for _ in 0..<(try reader.array(atMost: replicasMaximum)) {
            state.replicas.append(try decodeReplica(&reader))
        }
        guard let recent = SeenStates(try reader.byteString()), recent.states.count <= SeenStates.countMaximum else {
            throw .unexpected
        }
        state.recent = recent
        try reader.finish()
        return state
    }

    private static func decodePlace(_ reader: inout NoteReader) throws(FormatError) -> SyncPlace? {
        switch try reader.array(atMost: 2) {
        case 0: return nil
        case 2:
            let kind = try reader.unsigned()
            let path = try reader.text()
            switch kind {
            case 0: return .folder(path)
            case 1: return .file(path)
            default: throw .unexpected
            }
        default: throw .unexpected
        }
    }

    private static func decodeReplica(_ reader: inout NoteReader) throws(FormatError) -> RememberedReplica {
        try reader.array(count: 9)
        let name = try reader.text()
        try reader.array(count: FileStamp.count)
        var values: [UInt64] = []
        for _ in 0..<FileStamp.count { values.append(try reader.unsigned()) }
        guard let stamp = FileStamp(values: values) else { throw .unexpected }
        let hash = try reader.byteString()
        let states = try reader.byteString()
        guard states.count % shortCount == 0, states.count <= RememberedReplica.statesMaximum * shortCount else {
            throw .unexpected
        }
        return RememberedReplica(
            name: name, stamp: stamp, contentHash: hash,
            states: stride(from: 0, to: states.count, by: shortCount).map { Array(states[$0..<$0 + shortCount]) },
            edits: try reader.unsigned(), seenAtSeconds: try reader.unsigned(), machineLabel: try reader.text(),
            receiptAtSeconds: try reader.unsigned(), wentBack: try reader.flag())
    }
}
