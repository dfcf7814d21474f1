/// A set of versions that only grows, and its union (docs/format.md, "Versions").

/// Why two sets cannot be united, or an array of versions is no set.
package enum MergeError: Error, Equatable {
    /// Two different full versions, or different fields or `replaces`, under one id.
    case contradiction(VersionID)
    /// Versions that replace each other in a circle, which honest edits cannot make.
    case circle(VersionID)
}

/// The versions of one entry, of the slot registry or of the settings, ascending by id.
///
/// Laws, tested on random histories: `merged` is commutative, associative and idempotent, an ancestor changes nothing,
/// and every value that nobody replaced is among the heads of the result.
package struct VersionSet<Field: MergeField, Value: Equatable & Sendable>: Equatable, Sendable {
    package typealias Element = Version<Field, Value>

    /// Ascending by id, no id twice.
    package let versions: [Element]

    package init() { versions = [] }

    /// Takes versions in any order; a full version takes the place of its trimmed form.
    package init(_ versions: some Sequence<Element>) throws(MergeError) {
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
    package init(ascending versions: [Element]) { self.versions = versions }

    package var isEmpty: Bool { versions.isEmpty }

    /// The position of `id` in `versions`, nil when it is not there.
    package func position(of id: VersionID) -> Int? {
        var low = 0
        var high = versions.count
        while low < high {
            let middle = (low + high) / 2
            if versions[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < versions.count && versions[low].id == id ? low : nil
    }

    package subscript(id: VersionID) -> Element? { position(of: id).map { versions[$0] } }

    /// Every version of either set ; a full version beats its trimmed form.
    package func union(_ other: VersionSet) throws(MergeError) -> VersionSet {
        if versions == other.versions { return self }
        return try VersionSet(versions + other.versions)
    }

    /// The union in its trimmed form: what a file holds after a merge.
    package func merged(with other: VersionSet, historyLimit: Int) throws(MergeError) -> VersionSet {
        try union(other).trimmed(historyLimit: historyLimit)
    }

    private static func fuller(_ one: Element, _ two: Element) throws(MergeError) -> Element {
        guard one.field == two.field, one.replaces == two.replaces else { throw .contradiction(one.id) }
        guard one.content != nil else { return two }
        guard two.content != nil, one.content != two.content else { return one }
        throw .contradiction(one.id)
    }
}
