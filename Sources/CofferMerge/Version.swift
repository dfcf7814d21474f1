/// One edit of one field, the atom of merging (docs/format.md, "Versions").

/// What merging must know of a field.
public enum MergeRule: Sendable {
    /// Heads are current values; replaced versions become history.
    case register
    /// Says whether the entry is in the trash; lists what its author saw.
    case trash
    /// Takes the content of everything its author saw; is never replaced or trimmed.
    case purge
}

/// The name of a field, as far as merging looks at it.
public protocol MergeField: Hashable, Comparable, Sendable {
    var mergeRule: MergeRule { get }
}

/// One edit of one field. Its content goes when the version is trimmed; id, field and `replaces` stay for ever.
public struct Version<Field: MergeField, Value: Equatable & Sendable>: Equatable, Sendable {
    /// Everything of a version that trimming takes away. A class, since a version is copied far oftener than it is made.
    public final class Content: Equatable, Sendable {
        /// When, in seconds since 1970, by the author's clock. For showing only: no clock decides what survives.
        public let atSeconds: UInt64
        /// The author's machine label. For showing only.
        public let by: String
        /// What the author wrote.
        public let value: Value
        /// The heads of all fields that the author saw, ascending; for trash and purge only.
        public let seen: [VersionID]
        /// Fields of the encoding that this program does not know, as they were read.
        public let unknown: Value?

        /// Takes what the author made or a file holds.
        public init(atSeconds: UInt64, by: String, value: Value, seen: [VersionID] = [], unknown: Value? = nil) {
            self.atSeconds = atSeconds
            self.by = by
            self.value = value
            self.seen = seen
            self.unknown = unknown
        }

        /// Whether all of both is the same.
        @inlinable public static func == (one: Content, two: Content) -> Bool {
            one === two
                || one.atSeconds == two.atSeconds && one.by == two.by && one.value == two.value && one.seen == two.seen
                    && one.unknown == two.unknown
        }
    }

    /// Names the version; made from all the rest of it.
    public let id: VersionID
    /// What the edit was of.
    public let field: Field
    /// The versions of the same field that this one replaces, ascending.
    public let replaces: [VersionID]
    /// Nil in a trimmed version.
    public let content: Content?

    /// Takes `replaces` ascending; no content makes a trimmed version.
    @inlinable public init(id: VersionID, field: Field, replaces: [VersionID], content: Content?) {
        self.id = id
        self.field = field
        self.replaces = replaces
        self.content = content
    }

    /// Whether trimming took the content.
    @inlinable public var isTrimmed: Bool { content == nil }

    /// The same version without its content.
    @inlinable public var trimmed: Version { Version(id: id, field: field, replaces: replaces, content: nil) }
}
