/// The vault's key slots as versions: each role's heads are the live slots (docs/merge.md).
package import CofferFormat
import CofferMemory
import CofferMerge
package import CofferModel

/// What the registry of the index says of the key slots.
package struct SlotRegistry: Sendable {
    /// A live slot with the version that brought it.
    package struct Live: Sendable {
        package let slot: KeySlot
        package let version: EntryVersion
    }

    /// Ascending by slot id.
    package let live: [Live]

    package var slots: [KeySlot] { live.map(\.slot) }

    /// Reads the heads; refuses values that are no slots, and slots under another role's field.
    package init(_ registry: EntryVersions) throws(FormatError) {
        var live: [Live] = []
        for head in registry.visibleHeads {
            guard case .bytes(let value)? = head.content?.value else {
                guard head.content?.value == .removed else { throw .unexpected }
                continue
            }
            let slot = try KeySlot.parse(value.span)
            guard head.field == Self.field(slot.parameters.role) else { throw .unexpected }
            live.append(Live(slot: slot, version: head))
        }
        self.live = live.sorted { $0.slot.parameters.id.lexicographicallyPrecedes($1.slot.parameters.id) }
    }

    package func live(_ role: KeySlotParameters.Role) -> [Live] { live.filter { $0.slot.parameters.role == role } }

    package static func field(_ role: KeySlotParameters.Role) -> FieldName { .known(UInt64(role.rawValue)) }

    /// The edit that makes `slot` the only one of its role.
    package func draft(_ slot: KeySlot) -> Draft {
        Draft(
            field: Self.field(slot.parameters.role), value: .bytes(SecretSlice(copying: slot.encoded)),
            replaces: live(slot.parameters.role).map(\.version.id))
    }
}
