/// A session that is asked often answers as one that is asked once.
import CofferFormat
import CofferMemory
import CofferMerge
import CofferModel
import CofferVault
import Testing

struct TitleTableTests {
    /// The ids that a query finds, or the refusal.
    private static func found(_ query: EntryQuery, _ session: LocalSession) -> [String] {
        do throws(VaultError) {
            return try session.vault.findAll(query).map { session.vault.records[$0].id.hexadecimal }
        } catch {
            return ["\(error)"]
        }
    }

    @Test func `a table of titles finds what a look at all of them finds, after every change`() throws {
        let disk = try VaultDisk()
        _ = try disk.edit(try disk.newVault(seed: 8), author: DisclosureTests.author) { session, _ in
            let titles = ["bank", "mail", "", "none", "Bank", "ключ", "bank@me", "renamed"]
            func compare() {
                for title in titles {
                    for username in [nil, "me", ""] {
                        for states: [EntryState] in [[.live], [.trash], [.live, .trash]] {
                            let query = EntryQuery(title, username: username, states: states)
                            session.vault.isAskedOften = false
                            let all = Self.found(query, session)
                            session.vault.isAskedOften = true
                            #expect(Self.found(query, session) == all)
                        }
                    }
                }
            }
            compare()
            var new = NewEntry(title: "bank")
            new.username = "me"
            let id = try session.add(new)
            try session.add(NewEntry(title: "ключ"))
            compare()
            try session.rename(try session.entryNow(id, .nothing), to: "renamed")
            compare()
            #expect(Self.found(EntryQuery("renamed"), session) == [id.hexadecimal])
            try session.trash(try session.entryNow(id, .nothing))
            compare()
            try session.join(
                try session.find(EntryQuery("bank"), .nothing), try session.find(EntryQuery("mail"), .nothing))
            compare()
        }
    }
}
