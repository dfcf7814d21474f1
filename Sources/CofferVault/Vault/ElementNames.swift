/// Names the elements of sets: tags, URLs, backup codes and their sets (docs/format.md, "Versions").
import CofferFormat
package import CofferMemory
package import CofferModel

/// Who can name elements: the keys themselves, and a session, which asks where they are.
package protocol ElementNaming {
    associatedtype NamingError: Error

    /// The name of one element of a set: sixteen bytes that tell nothing without the vault key.
    func elementHash(kind: UInt8, _ parts: [SecretSlice]) throws(NamingError) -> [UInt8]
}

extension KeyHierarchy: ElementNaming {}

extension ElementNaming {
    package func tagField(_ tag: String) throws(NamingError) -> FieldName { try element(FieldName.Kind.tag, tag) }

    package func urlField(_ url: String) throws(NamingError) -> FieldName { try element(FieldName.Kind.url, url) }

    /// The set that these codes make, whoever enrols them: its name is made of its codes.
    package func codeSetID(_ codes: [SecretSlice]) throws(NamingError) -> [UInt8] {
        let ordered = codes.sorted { $0.precedes($1) }
        return try elementHash(
            kind: UInt8(FieldName.Kind.codeSet),
            ordered.flatMap { [SecretSlice(copying: bigEndian(UInt32($0.count))), $0] })
    }

    package func codeField(set: [UInt8], _ code: SecretSlice) throws(NamingError) -> FieldName {
        .code(set: set, hash: try elementHash(kind: UInt8(FieldName.Kind.code), [SecretSlice(copying: set), code]))
    }

    private func element(_ kind: UInt64, _ text: String) throws(NamingError) -> FieldName {
        let hash = try elementHash(kind: UInt8(kind), [SecretSlice(copying: Array(text.utf8))])
        return .element(kind: kind, keys: [hash])
    }
}
