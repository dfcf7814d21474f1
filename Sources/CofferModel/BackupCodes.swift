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

    package init(_ entry: Entry) {
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
