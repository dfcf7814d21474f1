/// One edit of one field, the atom of merging (docs/format.md, "Versions").

/// What merging must know of a field.
package enum MergeRule: Sendable {
    /// Heads are current values; replaced versions become history.
    case register
    /// Says whether the entry is in the trash; lists what its author saw.
    case trash
    /// Takes the content of everything its author saw; is never replaced or trimmed.
    case purge
}

/// The name of a field, as far as merging looks at it.
package protocol MergeField: Hashable, Comparable, Sendable {
    var mergeRule: MergeRule { get }
}

/// One edit of one field. Its content goes when the version is trimmed; id, field and `replaces` stay for ever.
package struct Version<Field: MergeField, Value: Equatable & Sendable>: Equatable, Sendable {
    /// Everything of a version that trimming takes away.
    package struct Content: Equatable, Sendable {
        /// When, in seconds since 1970, by the author's clock. For showing only: no clock decides what survives.
        package var atSeconds: UInt64
        /// The author's machine label. For showing only.
        package var by: String
        package var value: Value
        /// The heads of all fields that the author saw, ascending; for trash and purge only.
        package var seen: [VersionID]
        /// Fields of the encoding that this program does not know, as they were read.
        package var unknown: Value?

        package init(atSeconds: UInt64, by: String, value: Value, seen: [VersionID] = [], unknown: Value? = nil) {
            self.atSeconds = atSeconds
            self.by = by
            self.value = value
            self.seen = seen
            self.unknown = unknown
        }
    }

    package let id: VersionID
    package let field: Field
    /// The versions of the same field that this one replaces, ascending.
    package let replaces: [VersionID]
    /// Nil in a trimmed version.
    package private(set) var content: Content?

    package init(id: VersionID, field: Field, replaces: [VersionID], content: Content?) {
        self.id = id
        self.field = field
        self.replaces = replaces
        self.content = content
    }

    package var isTrimmed: Bool { content == nil }

    /// The same version without its content.
    package var trimmed: Version { Version(id: id, field: field, replaces: replaces, content: nil) }
}
