/// Measures the parts of the road from bytes to entries and back, on vaults of every size.
import CofferFormat
import CofferMemory
import CofferModel
import CofferVault
import Glibc

enum SealArea: Area {
    static let name = "seal"
    static let abstract = "Sealing every entry of a vault."

    static func measure(_ bench: Bench) throws -> [Figure] {
        try bench.sizes.map { count in
            let keys = try bench.open(count).keys
            let entries = try PlainLogins.entries(0..<count, keys, SeededRandom(seed: 1))
            let time = Stopwatch.median(runs: bench.runs) {
                for entry in entries { _ = keys.sealEntry(entry.id, entry.versions) }
            }
            return Figure(
                name, Amount("all entries", time, .milliseconds), entries: count, runs: bench.runs,
                beside: [Amount("an entry", time / Double(count), .milliseconds)])
        }
    }
}

enum OpenArea: Area {
    static let name = "open"
    static let abstract = "Opening a vault (header, one slot of one iteration, index), and one entry."

    static func measure(_ bench: Bench) throws -> [Figure] {
        try bench.sizes.map { count in
            let path = try bench.vault(count)
            let credential = try PlainLogins.credential()
            let time = try Stopwatch.median(runs: bench.runs) { _ = try OpenVault.open(path, credential) }
            let vault = try bench.open(count)
            let entry = try Stopwatch.median(runs: bench.runs * 10) { _ = try vault.entry(at: count / 2) }
            return Figure(
                name, Amount("the vault", time, .milliseconds), entries: count, runs: bench.runs,
                beside: [Amount("then an entry", entry, .milliseconds)])
        }
    }
}

enum ListArea: Area {
    static let name = "list"
    static let abstract = "Making the overviews of all entries of an opened vault."

    static func measure(_ bench: Bench) throws -> [Figure] {
        try bench.sizes.map { count in
            let vault = try bench.open(count)
            let time = try Stopwatch.median(runs: bench.runs) {
                let records = vault.records
                for position in try vault.shownPositions() { _ = try vault.overview(records[position]) }
            }
            return Figure(name, Amount("all overviews", time, .milliseconds), entries: count, runs: bench.runs)
        }
    }
}

enum FindArea: Area {
    static let name = "find"
    static let abstract = "Searching the overviews of an opened vault for a text that one entry has."

    static func measure(_ bench: Bench) throws -> [Figure] {
        try bench.sizes.map { count in
            let vault = try bench.open(count)
            let text = SearchText(PlainLogins.title(count - 1))
            let time = try Stopwatch.median(runs: bench.runs) {
                let records = vault.records
                let found = try vault.shownPositions().count { position in
                    let summary = records[position].summary
                    return vault.withIndexBytes { bytes in
                        summary.containsText(in: bytes) { text.isFound(in: $0, $1) }
                    }
                }
                precondition(found == 1)
            }
            return Figure(name, Amount("one text", time, .milliseconds), entries: count, runs: bench.runs)
        }
    }
}

enum SaveArea: Area {
    static let name = "save"
    static let abstract = "Adding one entry to an opened vault, with all that makes a save safe; and changing a key."

    static func measure(_ bench: Bench) throws -> [Figure] {
        try bench.sizes.flatMap { count in try [add(count, bench), changeKey(count, bench)] }
    }

    private static func add(_ count: Int, _ bench: Bench) throws -> Figure {
        let vault = try bench.open(count)
        let random = SeededRandom(seed: 2)
        var number = count
        let time = try Stopwatch.median(runs: bench.runs) {
            number += 1
            try vault.save(Edits(entries: PlainLogins.entries(number..<number + 1, vault.keys, random)))
        }
        let bare = try BareWrite.median(vault.fileCount, besideVault: vault.path, runs: bench.runs)
        return Figure(
            name, Amount("one more entry", time, .milliseconds), entries: count, runs: bench.runs,
            beside: [Amount("write, fsync and rename alone", bare, .milliseconds)])
    }

    /// A new recovery key needs no derivation, and the same save as a new master password.
    private static func changeKey(_ count: Int, _ bench: Bench) throws -> Figure {
        let vault = try bench.open(count)
        let random = SeededRandom(seed: 3)
        let time = try Stopwatch.median(runs: bench.runs) {
            let credential = Credential(recoveryKey: RecoveryKey.make(random: random))
            try vault.replaceSlot(credential, kdf: .none, author: PlainLogins.author(count, random))
        }
        return Figure(
            name, Amount("another key slot", time, .milliseconds), entries: count, runs: bench.runs,
            limit: count == 10_000 ? .atMost(40) : nil)
    }
}
