/// Finds entries by the names people give them (docs/cli.md, "Naming an entry").
package import CofferFormat
package import CofferMerge
package import CofferModel

/// What an entry is asked for by.
package struct EntryQuery: Sendable {
    package let name: String
    package let username: String?
    /// The states an entry may be in to be found.
    package let states: [EntryState]

    package init(_ name: String, username: String? = nil, states: [EntryState] = [.live]) {
        self.name = UnicodeText.composed(name)
        self.username = username.map { UnicodeText.composed($0) }
        self.states = states
    }
}

extension OpenVault {
    /// The positions of the entries that are shown: those joined into others are part of them.
    package func shownPositions(states: [EntryState] = [.live]) throws(VaultError) -> [Int] {
        let joins = try joins
        let records = state.index.records
        guard !joins.isEmpty else { return records.indices.filter { states.contains(records[$0].summary.state) } }
        return records.indices.filter { position in
            guard !joins.isHidden(position) else { return false }
            // What one of joined entries says of itself is not what they are together: a purge or the trash of one
            // does not take what it had not seen of the other.
            return states.contains(joins.isJoined(position) ? jointState(position) : records[position].summary.state)
        }
    }

    /// Where it does not open, the entry is shown as what it says of itself: `show` then says what is wrong.
    private func jointState(_ position: Int) -> EntryState {
        (try? shownEntry(at: position).state) ?? state.index.records[position].summary.state
    }

    /// The entry at `position` with all that is joined into it.
    package func shownEntry(at position: Int) throws(VaultError) -> Entry {
        let group = try joins.group(of: position)
        guard group.count > 1 else { return try state.entry(at: position, keys) }
        var versions: [EntryVersion] = []
        for member in group { versions += try state.entry(at: member, keys).versions.versions }
        do throws(MergeError) {
            return Entry(id: state.index.records[group[0]].id, versions: try EntryVersions(versions))
        } catch {
            throw error.asVaultError(path: path, place: "joined entries that contradict each other")
        }
    }

    /// The positions of the entries that are shown as one with the one at `position`, the shown one first.
    package func group(at position: Int) throws(VaultError) -> [Int] { try joins.group(of: position) }

    /// Whether the entry at `position` is shown as one with others.
    func isJoined(at position: Int) throws(VaultError) -> Bool { try joins.isJoined(position) }

    /// The overview of the entry at `position`, as `show` shows it. Opens joined entries only, for what the index cannot say
    /// of them together: which title is the later one, their state and conflicts.
    package func shownOverview(at position: Int) throws(VaultError) -> Overview {
        let records = state.index.records
        guard try joins.isJoined(position) else { return try overview(records[position]) }
        if let joint = try? shownEntry(at: position) { return Overview(joint) }
        // Where it does not open, `show` says what is wrong.
        let group = try group(at: position)
        var shown = try overview(records[group[0]])
        for member in group.dropFirst() { shown.add(try overview(records[member])) }
        return shown
    }

    /// Whether the entry at `position` has a conflict, one that only joined entries have together included.
    package func hasConflicts(at position: Int) throws(VaultError) -> Bool {
        guard try joins.isJoined(position) else { return state.index.records[position].summary.hasConflicts }
        return try !shownOverview(at: position).conflicts.isEmpty
    }

    /// Where the title of the entry at `position`, and its user name, stand in the index. Joined entries have those that
    /// `show` shows, which are of one of them.
    package func shownNames(
        at position: Int
    ) throws(VaultError) -> (title: OverviewSummary.Place, username: OverviewSummary.Place) {
        let records = state.index.records
        let own = records[position].summary
        guard try joins.isJoined(position) else { return (own.title, own.username) }
        let shown = try shownOverview(at: position)
        let group = try group(at: position)
        let (title, username) = (Array(shown.title.utf8), shown.username.map { Array($0.utf8) })
        return state.index.withBytes { bytes in
            (
                group.lazy.map { records[$0].summary.title }.first { Self.isEqual(bytes, $0, title) } ?? own.title,
                group.lazy.map { records[$0].summary.username }
                    .first { username == nil ? $0.isAbsent : !$0.isAbsent && Self.isEqual(bytes, $0, username ?? []) }
                    ?? own.username
            )
        }
    }

    private static func isEqual(
        _ bytes: borrowing Span<UInt8>, _ place: OverviewSummary.Place, _ wanted: [UInt8]
    ) -> Bool {
        let range = place.range
        guard range.count == wanted.count else { return false }
        for offset in 0..<wanted.count where bytes[range.lowerBound + offset] != wanted[offset] { return false }
        return true
    }

    /// The ids of the entries that are shown as one with `id`, the shown one first.
    package func groupIDs(of id: EntryID) throws(VaultError) -> [EntryID] {
        guard let position = state.index.position(of: id) else { return [id] }
        let records = state.index.records
        return try joins.group(of: position).map { records[$0].id }
    }

    /// The only entry that `query` names: by its exact title, else by `title@username`, else by `id:` and the start of
    /// its id.
    package func find(_ query: EntryQuery) throws(VaultError) -> Entry {
        try only(try findAll(query), query)
    }

    private func only(_ matches: [Int], _ query: EntryQuery) throws(VaultError) -> Entry {
        switch matches.count {
        case 1: return try shownEntry(at: matches[0])
        case 0: throw try nothingFound(query)
        default:
            throw .ambiguous(
                what: query.name,
                candidates: try matches.map { match throws(VaultError) in try unmistakableName(match, query.states) })
        }
    }

    /// The entry that `query` names where it is live; only where none is live, the one in the trash.
    package func findLiveFirst(_ query: EntryQuery) throws(VaultError) -> Entry {
        let live = EntryQuery(query.name, username: query.username)
        let matches = try findAll(live)
        guard matches.isEmpty else { return try only(matches, live) }
        return try find(EntryQuery(query.name, username: query.username, states: [.live, .trash]))
    }

    /// Says where the entry is, if it is only in another state.
    private func nothingFound(_ query: EntryQuery) throws(VaultError) -> VaultError {
        func isFound(_ state: EntryState) throws(VaultError) -> Bool {
            guard !query.states.contains(state) else { return false }
            return try !findAll(EntryQuery(query.name, username: query.username, states: [state])).isEmpty
        }
        if try isFound(.trash) { return .inTrash(title: query.name) }
        if try isFound(.live) { return .notInTrash(title: query.name) }
        return .notFound(what: query.name, near: try nearNames(query))
    }

    /// The positions of all entries that `query` names.
    package func findAll(_ query: EntryQuery) throws(VaultError) -> [Int] {
        // Most queries are the exact title of an entry that is joined with no other: one look through the index finds it.
        if try joins.isEmpty {
            let plain = plainPositions(query)
            if !plain.isEmpty { return plain }
        }
        let shown = try shownPositions(states: query.states)
        let exact = select(shown, title: query.name, username: query.username)
        if !exact.isEmpty { return exact }

        // The longest existing title before an `@` wins.
        var search = query.name[...]
        while query.username == nil, let at = search.lastIndex(of: "@") {
            let title = String(query.name[..<at])
            let username = String(query.name[query.name.index(after: at)...])
            let found = select(shown, title: title, username: username)
            if !found.isEmpty { return found }
            search = query.name[..<at]
        }
        guard query.name.hasPrefix("id:") else { return [] }
        let start = query.name.dropFirst(3).lowercased()
        guard start.count >= 4 else { return [] }
        let records = state.index.records
        // Joined entries are found by the ids of each.
        let joins = try joins
        let named = shown.filter { position in
            joins.group(of: position).contains { records[$0].id.hexadecimal.hasPrefix(start) }
        }
        return select(named, username: query.username)
    }

    /// The positions of the entries with exactly this title, and this user name if there is one; where none are joined.
    private func plainPositions(_ query: EntryQuery) -> [Int] {
        let (title, username) = (Array(query.name.utf8), query.username.map { Array($0.utf8) })
        let (records, candidates) = (state.index.records, positions(ofTitle: title))
        return state.index.withBytes { bytes in
            func isNamed(_ position: Int) -> Bool {
                let summary = records[position].summary
                return Self.isEqual(bytes, summary.title, title) && query.states.contains(summary.state)
                    && (username.map { Self.isEqual(bytes, summary.username, $0) } ?? true)
            }
            return candidates?.filter(isNamed) ?? records.indices.filter(isNamed)
        }
    }

    /// Whether a live entry has this title and user name already.
    package func exists(title: String, username: String?, except id: EntryID? = nil) throws(VaultError) -> Bool {
        let records = state.index.records
        return select(try shownPositions(), title: title, username: username ?? "")
            .contains { records[$0].id != id }
    }

    /// Compares bytes in the index; a user name of "" also stands for none.
    private func select(_ positions: [Int], title: String? = nil, username: String?) -> [Int] {
        let title = title.map { Array($0.utf8) }
        let username = username.map { Array($0.utf8) }
        let records = state.index.records
        let joins = try? joins
        return state.index.withBytes { bytes in
            return positions.filter { position in
                guard joins?.isJoined(position) ?? false else {
                    let summary = records[position].summary
                    return (title.map { Self.isEqual(bytes, summary.title, $0) } ?? true)
                        && (username.map { Self.isEqual(bytes, summary.username, $0) } ?? true)
                }
                // Joined entries are found by the names of each.
                let members = joins?.group(of: position) ?? [position]
                return members.contains { member in
                    title.map { Self.isEqual(bytes, records[member].summary.title, $0) } ?? true
                }
                    && members.contains { member in
                        username.map { Self.isEqual(bytes, records[member].summary.username, $0) } ?? true
                    }
            }
        }
    }

    /// A name that finds this entry and no other among those in `states`.
    private func unmistakableName(_ position: Int, _ states: [EntryState]) throws(VaultError) -> String {
        let record = state.index.records[position]
        let overview = try shownOverview(at: position)
        guard let username = overview.username, !username.isEmpty,
            select(try shownPositions(states: states), title: overview.title, username: username) == [position]
        else { return "id:\(record.id.hexadecimal.prefix(8))" }
        return "\(overview.title)@\(username)"
    }

    /// The nearest titles, up to five: with their user names where several entries have one title. The part of a title
    /// after its last slash is near as well.
    private func nearNames(_ query: EntryQuery) throws(VaultError) -> [String] {
        var positions: [String: [Int]] = [:]
        for position in try shownPositions(states: query.states) {
            let title = try shownOverview(at: position).title
            guard !title.isEmpty else { continue }
            positions[title, default: []].append(position)
            guard let slash = title.lastIndex(of: "/") else { continue }
            positions[String(title[title.index(after: slash)...]), default: []].append(position)
        }
        var near: [String] = []
        for name in NearNames.nearest(to: query.name, among: positions.keys.sorted(), limit: Self.nearMaximum) {
            for position in positions[name] ?? [] where near.count < Self.nearMaximum {
                let title = try shownOverview(at: position).title
                let isAlone = select(try shownPositions(states: query.states), title: title, username: nil).count == 1
                let shown = isAlone ? title : try unmistakableName(position, query.states)
                if !near.contains(shown) { near.append(shown) }
            }
        }
        return near
    }

    private static let nearMaximum = 5
}
