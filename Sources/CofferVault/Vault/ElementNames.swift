/// Names the elements of sets: tags, URLs, backup codes and their sets (docs/format.md, "Versions").
import CofferFormat
package import CofferMemory
package import CofferModel

extension KeyHierarchy {
    package func tagField(_ tag: String) -> FieldName { element(FieldName.Kind.tag, tag) }

    package func urlField(_ url: String) -> FieldName { element(FieldName.Kind.url, url) }

    /// The set that these codes make, whoever enrols them: its name is made of its codes.
    package func codeSetID(_ codes: [SecretSlice]) -> [UInt8] {
        let ordered = codes.sorted { $0.precedes($1) }
        return elementHash(
            kind: UInt8(FieldName.Kind.codeSet),
            ordered.flatMap { [SecretSlice(copying: bigEndian(UInt32($0.count))), $0] })
    }

    package func codeField(set: [UInt8], _ code: SecretSlice) -> FieldName {
        .code(set: set, hash: elementHash(kind: UInt8(FieldName.Kind.code), [SecretSlice(copying: set), code]))
    }

    private func element(_ kind: UInt64, _ text: String) -> FieldName {
        .element(kind: kind, keys: [elementHash(kind: UInt8(kind), [SecretSlice(copying: Array(text.utf8))])])
    }
}
