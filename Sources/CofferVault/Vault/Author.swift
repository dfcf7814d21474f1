/// Makes versions out of drafts: the id, the time and the machine's label (docs/format.md, "Versions").
package import CofferCrypto
import CofferFormat
import CofferMemory
package import CofferMerge
package import CofferModel

/// Who writes and when: what a new version says of its origin. Clock and randomness are parameters so that tests can
/// hold them still.
package struct Author: Sendable {
    package let machineLabel: String
    package let random: any CofferCrypto.RandomSource & Sendable
    /// Seconds since 1970.
    package let nowSeconds: @Sendable () -> UInt64

    package init(
        machineLabel: String, random: any CofferCrypto.RandomSource & Sendable,
        nowSeconds: @escaping @Sendable () -> UInt64
    ) {
        self.machineLabel = machineLabel
        self.random = random
        self.nowSeconds = nowSeconds
    }

    package func mint(_ draft: Draft) -> EntryVersion {
        let content = EntryVersion.Content(
            // A clock that is thousands of years off must not make what no reader takes.
            atSeconds: min(nowSeconds(), Limits.atSeconds), by: machineLabel, value: draft.value, seen: draft.seen)
        return EntryVersion(id: makeID(draft, content), field: draft.field, replaces: draft.replaces, content: content)
    }

    /// `shown` with the edits added.
    package func versions(_ shown: EntryVersions, adding drafts: [Draft]) throws(MergeError) -> EntryVersions {
        try EntryVersions(shown.versions + drafts.map(mint))
    }

    /// Twelve bytes of BLAKE2b over 32 fresh random bytes and the version without its id: two edits never share one,
    /// even
    /// where the random source repeats itself.
    private func makeID(_ draft: Draft, _ content: EntryVersion.Content) -> VersionID {
        let nameless = EntryVersion(
            id: Self.unusedID, field: draft.field, replaces: draft.replaces, content: content)
        var length = LengthSink()
        VersionCoding.encode(nameless, includingID: false, into: &length)
        let target = SecretBytes(zeroed: length.count)
        var sink = SecretSink(filling: target, from: 0)
        VersionCoding.encode(nameless, includingID: false, into: &sink)
        let encoded = sink.finish()

        var hasher = BLAKE2bHasher(count: 32)
        hasher.update(random.makeSecret(count: 32).span)
        hasher.update(encoded.span)
        let hash = hasher.finish()
        // Twelve bytes are an id.
        return VersionID(hash.span.extracting(first: VersionID.byteCount))!
    }

    /// Stands where an id will be; it is not encoded.
    private static let unusedID = VersionID([UInt8](repeating: 0, count: VersionID.byteCount).span)!
}
