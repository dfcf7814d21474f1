/// What a machine says of its replica in the shared folder (docs/sync.md, "Receipts").
package import CofferFormat
import CofferModel

/// Who wrote a replica, when, and which state it is. A small sealed file beside the replica: in the replica itself it
/// would make equal vaults unequal.
package struct Receipt: Equatable {
    let machineID: [UInt8]
    let machineLabel: String
    /// By the machine's own clock.
    let atSeconds: UInt64
    let stateID: [UInt8]

    static let countMaximum = 4096

    func sealed(name: String, _ keys: KeyHierarchy) -> [UInt8]? {
        SealedNote(kind: .receipt, name: name, keys: keys).seal(encoded)
    }

    package var encoded: [UInt8] {
        var sink = ArraySink()
        sink.putArray(count: 4)
        sink.putBytes(machineID)
        sink.putText(machineLabel)
        sink.putUnsigned(atSeconds)
        sink.putBytes(stateID)
        return sink.bytes
    }

    /// Nil for anything but a receipt that was sealed under this name with this vault's key.
    static func open(_ bytes: [UInt8], name: String, _ keys: KeyHierarchy) -> Receipt? {
        guard let content = SealedNote(kind: .receipt, name: name, keys: keys).open(bytes) else { return nil }
        return try? decode(content)
    }

    package static func decode(_ content: [UInt8]) throws(FormatError) -> Receipt {
        var reader = NoteReader(content)
        try reader.array(count: 4)
        let id = try reader.byteString(count: 16)
        let label = try reader.text()
        guard label.utf8.count <= Limits.machineLabel else { throw .limit("machine label") }
        let receipt = Receipt(
            machineID: id, machineLabel: label, atSeconds: min(try reader.unsigned(), Limits.atSeconds),
            stateID: try reader.byteString(count: RememberedState.stateIDCount))
        try reader.finish()
        return receipt
    }
}
