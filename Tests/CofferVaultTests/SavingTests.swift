/// What an edit replaces is what its author was shown, whatever was written meanwhile (docs/merge.md, rule 8).
import CofferFormat
import CofferMemory
import CofferMerge
import CofferModel
import CofferVault
import TestSupport
import Testing

struct SavingTests {
    @Test func `a value that was written meanwhile is not replaced`() throws {
        try meanwhile(
            shown: { session, bank in try session.set(bank, .password, .plain("mine")) },
            other: { session, bank in try session.set(bank, .password, .plain("theirs")) },
            after: { bank in #expect(texts(bank, .password) == ["mine", "theirs"]) })
    }

    @Test func `an entry that got a value meanwhile is not thrown away with it`() throws {
        try meanwhile(
            shown: { session, bank in try session.trash(bank) },
            other: { session, bank in try session.set(bank, .password, .plain("theirs")) },
            after: { bank in
                #expect(bank.state == .live)
                #expect(texts(bank, .password) == ["theirs"])
            })
    }

    @Test func `a code that was used meanwhile stays used when another use is taken back`() throws {
        let disk = try VaultDisk()
        let file = try disk.edit(try disk.newVault(seed: 1), author: Self.author(2)) { session, _ in
            _ = try session.drawCode(try bank(session).id)
        }
        _ = try disk.edit(file, author: Self.author(3)) { session, path in
            let shown = try bank(session)
            try disk.reopen(path, Self.author(4)) { try #expect($0.markUsed(try bank($0), code(unusedIn: shown)) == 1) }
            #expect(try session.undoLastUse(shown) == 3)
            let codes = BackupCodes(try session.entryNow(shown.id, .everything))
            #expect(codes.usedCount == 1 && codes.unusedCount == 2)
        }
    }

    @Test func `a master password that was changed meanwhile still opens the vault`() throws {
        let disk = try VaultDisk()
        // The cheapest that is not made for tests.
        let kdf = SlotKDF.argon2id(passes: 1, memoryKiB: 65_536)
        _ = try disk.edit(try disk.newVault(seed: 1), author: Self.author(2)) { session, path in
            try disk.reopen(path, Self.author(3)) { other in
                try other.vault.replaceSlot(try VaultDisk.credential("theirs"), kdf: kdf, author: other.author)
            }
            try session.vault.replaceSlot(try VaultDisk.credential("mine"), kdf: kdf, author: session.author)
            for password in ["mine", "theirs"] {
                _ = try OpenVault.open(path, try VaultDisk.credential(password))
            }
            #expect(session.vault.registry.live(.password).count == 2)
        }
    }

    @Test func `two equal edits of one second have two ids`() {
        let author = Self.author(1)
        let draft = Draft(field: .password, value: .plain("the same"))
        #expect(author.mint(draft).id != author.mint(draft).id)
    }

    /// `shown` edits what it was shown before `other` wrote.
    private func meanwhile(
        shown edit: (LocalSession, Entry) throws -> Void, other: (LocalSession, Entry) throws -> Void,
        after: (Entry) -> Void
    ) throws {
        let disk = try VaultDisk()
        _ = try disk.edit(try disk.newVault(seed: 1), author: Self.author(2)) { session, path in
            let shown = try bank(session)
            try disk.reopen(path, Self.author(3)) { try other($0, try bank($0)) }
            try edit(session, shown)
            after(try session.entryNow(shown.id, .everything))
        }
    }

    private static func author(_ seed: UInt64) -> Author {
        Author(machineLabel: "m\(seed)", random: SeededBytes(seed: seed), nowSeconds: { 1_700_000_000 + seed })
    }

    private func bank(_ session: LocalSession) throws -> Entry { try session.vault.find(EntryQuery("bank")) }

    private func code(unusedIn entry: Entry) throws -> SecretSlice {
        try #require(BackupCodes(entry).active.first?.unused.first?.text)
    }

    private func texts(_ entry: Entry, _ field: FieldName) -> [String] {
        (entry.heads[field] ?? []).compactMap { $0.content?.value.text?.plainText }.sorted()
    }
}
