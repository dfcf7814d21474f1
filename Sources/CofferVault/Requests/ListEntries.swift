/// Lists and searches entries by what their overviews say; no secret is opened, but with `isInSecrets`.
package import CofferFormat
import CofferMemory
package import CofferMerge
import CofferModel

/// The shown entries that satisfy all conditions, in the order of their titles.
package struct ListEntries: Request {
    package static let number: UInt64 = 8
    package var states: [EntryState] = [.live]
    /// What titles start with.
    package var prefix = ""
    /// Tags that all must be there.
    package var tags: [String] = []
    package var username: String?
    /// Words that all must occur.
    package var words: [String] = []
    /// Whether words are looked for in notes and secret fields too.
    package var isInSecrets = false
    /// Only entries that have a field with several values.
    package var isConflicting = false

    package init() {}

    package func answer(by session: LocalSession) throws(VaultError) -> EntryList {
        let vault = session.vault
        var positions = try vault.shownPositions(states: states)
        if !prefix.isEmpty { positions = try startingWithPrefix(positions, vault) }
        if !tags.isEmpty || username != nil {
            let tags = tags.map { UnicodeText.composed($0) }
            let name = username.map { UnicodeText.composed($0) }
            positions = try positions.keeping { position throws(VaultError) in
                let overview = try vault.shownOverview(at: position)
                return tags.allSatisfy(overview.tags.contains) && (name == nil || overview.username == name)
            }
        }
        if isConflicting {
            positions = try positions.keeping { position throws(VaultError) in try vault.hasConflicts(at: position) }
        }
        if !words.isEmpty { positions = try containingWords(positions, vault) }
        return try EntryList(TitleOrder.sorted(positions, of: vault), of: vault)
    }

    package var discloses: Disclosed { isInSecrets ? .all : .nothing }

    private func startingWithPrefix(_ positions: [Int], _ vault: OpenVault) throws(VaultError) -> [Int] {
        let prefix = Array(UnicodeText.composed(prefix).utf8)
        return try vault.withIndexBytes { bytes throws(VaultError) in
            try positions.keeping { position throws(VaultError) in
                let title = try vault.shownNames(at: position).title.range
                return title.count >= prefix.count
                    && prefix.indices.allSatisfy { bytes[title.lowerBound + $0] == prefix[$0] }
            }
        }
    }

    private func containingWords(_ positions: [Int], _ vault: OpenVault) throws(VaultError) -> [Int] {
        let words = words.map { SearchText($0) }
        return try positions.keeping { position throws(VaultError) in
            var missing = try Self.missingWords(words, vault, position)
            if missing.isEmpty { return true }
            guard isInSecrets else { return false }
            let entry = try vault.shownEntry(at: position)
            missing.removeAll { word in Self.isFound(word, inSecretsOf: entry) }
            return missing.isEmpty
        }
    }

    /// The words that the entry's overview, and those of what is joined into it, do not contain.
    private static func missingWords(
        _ words: [SearchText], _ vault: OpenVault, _ position: Int
    ) throws(VaultError) -> [SearchText] {
        let records = vault.records
        guard try vault.isJoined(at: position) else {
            let summary = records[position].summary
            return vault.withIndexBytes { bytes in
                words.filter { word in !summary.containsText(in: bytes) { word.isFound(in: $0, $1) } }
            }
        }
        return try vault.group(at: position).reduce(words) { missing, member in
            vault.withIndexBytes { bytes in
                missing.filter { word in !records[member].summary.containsText(in: bytes) { word.isFound(in: $0, $1) } }
            }
        }
    }

    private static func isFound(_ word: SearchText, inSecretsOf entry: Entry) -> Bool {
        var texts = entry.customFields(secret: true).map(\.text)
        for field in [FieldName.notes, .password, .otp] { texts += [entry.text(field)].compactMap { $0 } }
        return texts.contains { word.isFound(in: $0.span, 0..<$0.count) }
    }
}

extension EntryList {
    /// The overviews of the entries at `positions`, as `show` shows them.
    init(_ positions: [Int], of vault: OpenVault) throws(VaultError) {
        let joined = try vault.withIndexBytes { _ throws(VaultError) -> [Int: [UInt8]] in
            var joined: [Int: [UInt8]] = [:]
            for position in positions where try vault.isJoined(at: position) {
                var sink = ArraySink()
                OverviewCoding.encode(try vault.shownOverview(at: position), into: &sink)
                joined[position] = sink.bytes
            }
            return joined
        }
        let records = vault.records
        let count = positions.reduce(0) { $0 + (joined[$1]?.count ?? records[$1].overviewRange.count) }
        var bytes = SecretBytes(zeroed: count)
        var items: [Item] = []
        items.reserveCapacity(positions.count)
        var offset = 0
        vault.withIndexBytes { index in
            for position in positions {
                let record = records[position]
                if let overview = joined[position] {
                    bytes.write(overview.span, at: offset)
                    var cursor = CBORCursor(0..<overview.count)
                    if let layout = try? OverviewLayout.scan(overview.span, at: &cursor) {
                        items.append(Item(id: record.id, layout, 0..<overview.count).moved(by: offset))
                    }
                    offset += overview.count
                } else {
                    let range = record.overviewRange
                    bytes.write(index.extracting(range), at: offset)
                    let summary = record.summary
                    let item = Item(
                        id: record.id, title: summary.title.range,
                        username: summary.username.isAbsent ? nil : summary.username.range,
                        hasConflicts: summary.hasConflicts, overview: range)
                    items.append(item.moved(by: offset - range.lowerBound))
                    offset += range.count
                }
            }
        }
        self.init(arena: SecretArena(bytes), items: items, isVaultEmpty: records.isEmpty)
    }
}

extension EntryList.Item {
    fileprivate func moved(by distance: Int) -> Self {
        func moved(_ range: Range<Int>) -> Range<Int> {
            // A title that is not there has no place.
            range.isEmpty ? 0..<0 : range.lowerBound + distance..<range.upperBound + distance
        }
        return Self(
            id: id, title: moved(title), username: username.map(moved), hasConflicts: hasConflicts,
            overview: moved(overview))
    }
}

extension Array {
    /// `filter` for a condition with an error of its own.
    fileprivate func keeping<Failure: Error>(
        _ isKept: (Element) throws(Failure) -> Bool
    ) throws(Failure) -> [Element] {
        var kept: [Element] = []
        for element in self { if try isKept(element) { kept.append(element) } }
        return kept
    }
}

extension ListEntries {
    package func write(to sink: inout WireSink) {
        sink.put(states)
        sink.put(prefix)
        sink.put(tags)
        sink.put(username)
        sink.put(words)
        sink.put(isInSecrets)
        sink.put(isConflicting)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        states = try reader.read(atMost: RequestLimits.states)
        prefix = try reader.read()
        tags = try reader.read(atMost: RequestLimits.tags)
        username = try reader.read()
        words = try reader.read(atMost: RequestLimits.words)
        isInSecrets = try reader.read()
        isConflicting = try reader.read()
    }
}
