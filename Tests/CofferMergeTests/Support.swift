/// Fields, values and ids as simple as merging allows, and repeatable randomness.
import CofferMerge

enum TestField: MergeField, CustomStringConvertible {
    case register(Int)
    case trash
    case purge

    var mergeRule: MergeRule {
        switch self {
        case .register: .register
        case .trash: .trash
        case .purge: .purge
        }
    }

    var description: String {
        switch self {
        case .register(let number): "f\(number)"
        case .trash: "trash"
        case .purge: "purge"
        }
    }

    private var order: Int {
        switch self {
        case .register(let number): number
        case .trash: .max - 1
        case .purge: .max
        }
    }

    static func < (left: TestField, right: TestField) -> Bool { left.order < right.order }
}

/// Values are numbers; a trash version says so with 1.
typealias TestVersion = Version<TestField, Int>
typealias TestSet = VersionSet<TestField, Int>

func id(_ number: UInt64) -> VersionID {
    let bytes: [UInt8] = [0, 0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) }
    return VersionID(bytes.span)!
}

/// A full version of field 0 unless another is named.
func version(
    _ number: UInt64, _ field: TestField = .register(0), value: Int = 0, replaces: [UInt64] = [], seen: [UInt64] = [],
    at: UInt64 = 0, by: String = ""
) -> TestVersion {
    TestVersion(
        id: id(number), field: field, replaces: replaces.map(id).sorted(),
        content: .init(atSeconds: at, by: by, value: value, seen: seen.map(id).sorted()))
}

extension VersionSet where Field == TestField, Value == Int {
    var ids: Set<VersionID> { Set(versions.map(\.id)) }
    var fullIDs: Set<VersionID> { Set(versions.filter { !$0.isTrimmed }.map(\.id)) }
    var state: EntryState { state { $0 == 1 } }

    func heads(of field: TestField) -> [TestVersion] { visibleHeads.filter { $0.field == field } }
}

func ids(_ numbers: [UInt64]) -> Set<VersionID> { Set(numbers.map(id)) }

/// Versions with these ids, each of which replaces the one before it.
func chain(_ numbers: [UInt64], _ field: TestField = .register(0)) -> [TestVersion] {
    var versions: [TestVersion] = []
    for (position, number) in numbers.enumerated() {
        versions.append(version(number, field, replaces: position == 0 ? [] : [numbers[position - 1]]))
    }
    return versions
}
