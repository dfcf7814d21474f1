/// A set of versions that only grows, and its union (docs/format.md, "Versions").

/// Why two sets cannot be united, or an array of versions is no set.
public enum MergeError: Error, Equatable {
    /// Two different full versions, or different fields or `replaces`, under one id.
    case contradiction(VersionID)
    /// Versions that replace each other in a circle, which honest edits cannot make.
    case circle(VersionID)
}

/// The versions of one entry, of the slot registry or of the settings, ascending by id.
///
/// Laws, tested on random histories: `merged` is commutative, associative and idempotent, an ancestor changes nothing,
/// and every value that nobody replaced is among the heads of the result.
public struct VersionSet<Field: MergeField, Value: Equatable & Sendable>: Equatable, Sendable {
    /// What a set holds.
    public typealias Element = Version<Field, Value>

    /// Ascending by id, no id twice.
    public let versions: [Element]

    /// The empty set.
    @inlinable public init() { versions = [] }

    /// Takes versions in any order; a full version takes the place of its trimmed form.
    @inlinable public init(_ versions: some Sequence<Element>) throws(MergeError) {
        var union: [Element] = []
        for version in versions.sorted(by: { $0.id < $1.id }) {
            if let last = union.last, last.id == version.id {
                union[union.count - 1] = try Self.fuller(last, version)
            } else {
                union.append(version)
            }
        }
        self.versions = union
    }

    /// Takes versions that ascend by id, none twice: a decoder has checked that.
    @inlinable public init(ascending versions: [Element]) { self.versions = versions }

    /// Whether there is no version.
    @inlinable public var isEmpty: Bool { versions.isEmpty }

    /// The position of `id` in `versions`, nil when it is not there.
    @inlinable public func position(of id: VersionID) -> Int? {
        var low = 0
        var high = versions.count
        while low < high {
            let middle = (low + high) / 2
            if versions[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < versions.count && versions[low].id == id ? low : nil
    }

    /// The version `id`, nil when it is not there.
    @inlinable public subscript(id: VersionID) -> Element? { position(of: id).map { versions[$0] } }

    /// Every version of either set; a full version beats its trimmed form.
    @inlinable public func union(_ other: VersionSet) throws(MergeError) -> VersionSet {
        var union: [Element] = []
        union.reserveCapacity(max(versions.count, other.versions.count))
        var (mine, theirs) = (versions[...], other.versions[...])
        while let one = mine.first, let two = theirs.first {
            if one.id == two.id {
                union.append(try Self.fuller(one, two))
                (mine, theirs) = (mine.dropFirst(), theirs.dropFirst())
            } else if one.id < two.id {
                union.append(one)
                mine = mine.dropFirst()
            } else {
                union.append(two)
                theirs = theirs.dropFirst()
            }
        }
        return VersionSet(ascending: union + mine + theirs)
    }

    /// The union in its trimmed form: what a file holds after a merge.
    @inlinable public func merged(with other: VersionSet, historyLimit: Int) throws(MergeError) -> VersionSet {
        try union(other).trimmed(historyLimit: historyLimit)
    }

    @inlinable static func fuller(_ one: Element, _ two: Element) throws(MergeError) -> Element {
        guard one.field == two.field, one.replaces == two.replaces else { throw .contradiction(one.id) }
        guard one.content != nil else { return two }
        guard two.content != nil, one.content != two.content else { return one }
        throw .contradiction(one.id)
    }
}
