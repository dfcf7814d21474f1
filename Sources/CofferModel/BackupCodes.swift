/// The backup codes of an entry: sets, used and unused, and which comes next (docs/merge.md).
package import CofferMemory
import CofferMerge

/// One backup code.
package struct BackupCode: Sendable {
    package let field: FieldName
    package let text: SecretSlice
    package let isUsed: Bool
    /// When and on which machine it was marked used, for the first head that says so.
    package let usedAtSeconds: UInt64?
    package let usedBy: String?
}

/// The codes of one enrolment.
package struct BackupCodeSet: Sendable {
    /// Sixteen bytes (docs/format.md, "Versions").
    package let id: [UInt8]
    /// A retired set was replaced by a newer enrolment; its codes are history.
    package let isRetired: Bool
    package let createdSeconds: UInt64
    /// In the order of their names, which tells nothing.
    package let codes: [BackupCode]

    package var unused: [BackupCode] { codes.filter { !$0.isUsed } }
}

/// All backup codes of an entry, oldest set first.
package struct BackupCodes: Sendable {
    package let sets: [BackupCodeSet]

    /// A service knows a code by its text: used in one set, a retired one too, it is used in all.
    package init(_ entry: Entry) {
        let own = BackupCodes(eachByItself: entry)
        let used = CodesByText(own.sets.flatMap(\.codes).filter(\.isUsed))
        sets = own.sets.map { set in
            BackupCodeSet(
                id: set.id, isRetired: set.isRetired, createdSeconds: set.createdSeconds,
                codes: set.codes.map { code in
                    let uses = used.all(code.text)
                    guard let first = uses.min(by: { ($0.usedAtSeconds ?? 0) < ($1.usedAtSeconds ?? 0) }) else {
                        return code
                    }
                    return BackupCode(
                        field: code.field, text: code.text, isUsed: true, usedAtSeconds: first.usedAtSeconds,
                        usedBy: first.usedBy)
                })
        }
    }

    /// What each set says of its own codes, as the overview counts them (docs/format.md, "Overview").
    init(eachByItself entry: Entry) {
        var codes: [[UInt8]: [BackupCode]] = [:]
        for (field, heads) in entry.heads {
            guard case .element(FieldName.Kind.code, let keys) = field, keys.count == 2,
                let code = Self.code(field, heads)
            else { continue }
            codes[keys[0], default: []].append(code)
        }
        var names = Set(codes.keys)
        for field in entry.heads.keys {
            if case .element(FieldName.Kind.codeSet, let keys) = field, keys.count == 1 { names.insert(keys[0]) }
        }
        sets = names.compactMap { Self.set($0, entry.heads[.codeSet($0)] ?? [], codes[$0] ?? []) }
            .sorted { ($0.createdSeconds, $0.id.hexadecimal) < ($1.createdSeconds, $1.id.hexadecimal) }
    }

    package var active: [BackupCodeSet] { sets.filter { !$0.isRetired } }
    package var unusedCount: Int { active.reduce(0) { $0 + $1.unused.count } }
    package var usedCount: Int { active.reduce(0) { $0 + $1.codes.count - $1.unused.count } }

    /// The code to hand out next: the least by `order`, which differs per machine so that two offline machines
    /// rarely spend the same one. Nil when none is left.
    package func next(order: (FieldName) -> [UInt8]) -> BackupCode? {
        active.flatMap(\.unused)
            .map { (order($0.field), $0) }
            .min { $0.0.lexicographicallyPrecedes($1.0) }?.1
    }

    /// A set is there unless it was taken away. One whose own versions a purge covered is there for the codes that the
    /// purge had not seen.
    private static func set(_ id: [UInt8], _ heads: [EntryVersion], _ codes: [BackupCode]) -> BackupCodeSet? {
        guard heads.isEmpty || heads.contains(where: { $0.content?.value != .removed }) else { return nil }
        return BackupCodeSet(
            id: id,
            // Retired beats active unless whoever revived it saw that.
            isRetired: heads.contains { $0.content?.value == .number(1) },
            createdSeconds: heads.compactMap(\.content?.atSeconds).min() ?? 0,
            codes: codes.sorted { $0.field < $1.field })
    }

    /// Used beats unused: an undo takes effect only on the uses that it saw, because it replaces them.
    private static func code(_ field: FieldName, _ heads: [EntryVersion]) -> BackupCode? {
        var text: SecretSlice?
        var used: EntryVersion?
        for head in heads {
            guard case .marked(let code, let isUsed)? = head.content?.value else { continue }
            text = text ?? code
            if isUsed { used = used ?? head }
        }
        guard let text else { return nil }
        return BackupCode(
            field: field, text: text, isUsed: used != nil, usedAtSeconds: used?.content?.atSeconds,
            usedBy: used?.content?.by)
    }
}

/// Codes found by their text, whatever their names are.
package struct CodesByText: Sendable {
    private let ordered: [BackupCode]

    package init(_ codes: [BackupCode]) { ordered = codes.sorted { $0.text.precedes($1.text) } }

    /// All codes of this text.
    package func all(_ text: SecretSlice) -> ArraySlice<BackupCode> {
        var (low, high) = (0, ordered.count)
        while low < high {
            let middle = (low + high) / 2
            if ordered[middle].text.precedes(text) { low = middle + 1 } else { high = middle }
        }
        return ordered[low...].prefix { $0.text == text }
    }
}
