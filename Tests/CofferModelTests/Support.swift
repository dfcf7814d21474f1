/// Entries made by hand: versions with numbered ids, and edits that are given ids as they come.
import CofferMemory
import CofferMerge
import CofferModel

func secret(_ text: String) -> SecretSlice { SecretSlice(copying: Array(text.utf8)) }

func id(_ number: UInt8) -> VersionID { VersionID(([UInt8](repeating: 0, count: 11) + [number]).span)! }

let entryID = EntryID([UInt8](repeating: 7, count: 16).span)!

/// A full version; its time is its number unless another is given.
func version(
    _ number: UInt8, _ field: FieldName, _ value: FieldValue, replaces: [UInt8] = [], seen: [UInt8] = [],
    at: UInt64? = nil, by: String = "laptop"
) -> EntryVersion {
    EntryVersion(
        id: id(number), field: field, replaces: replaces.map(id).sorted(),
        content: .init(atSeconds: at ?? UInt64(number), by: by, value: value, seen: seen.map(id).sorted()))
}

func entry(_ versions: EntryVersion...) throws -> Entry { try entry(versions) }

func entry(_ versions: [EntryVersion]) throws -> Entry {
    Entry(id: entryID, versions: try EntryVersions(versions).trimmed(historyLimit: 10))
}

extension Draft {
    func version(_ number: UInt8) -> EntryVersion {
        EntryVersion(
            id: id(number), field: field, replaces: replaces,
            content: .init(atSeconds: UInt64(number), by: "laptop", value: value, seen: seen))
    }
}

extension Entry {
    func adding(_ versions: EntryVersion...) throws -> Entry { try entry(self.versions.versions + versions) }
}

let setA = [UInt8](repeating: 0xA0, count: 16)
let setB = [UInt8](repeating: 0xB0, count: 16)

func codeField(_ set: [UInt8], _ number: UInt8) -> FieldName {
    .code(set: set, hash: [UInt8](repeating: number, count: 16))
}
