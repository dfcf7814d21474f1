/// What listing sees of an entry (docs/format.md, "Overview").
import CofferMemory
import CofferMerge
import CofferModel
import Testing

struct OverviewTests {
    @Test func `an overview says everything that is not secret, and nothing else`() throws {
        let overview = Overview(
            try entry(
                version(1, .title, .plain("Bank")), version(2, .username, .plain("me")),
                version(3, .password, .plain("s3cret")), version(4, .otp, .plain("otpauth://totp/x?secret=AA")),
                version(5, .notes, .plain("n0te")), version(6, .template, .plain("login")),
                version(7, .custom("plain"), .marked(secret("shown"), false)),
                version(8, .custom("hidden"), .marked(secret("h1dden"), true)),
                version(9, .element(kind: FieldName.Kind.tag, keys: [setA]), .plain("work")),
                version(10, .element(kind: FieldName.Kind.url, keys: [setA]), .plain("https://bank")),
                version(11, .codeSet(setA), .number(0)),
                version(12, codeField(setA, 1), .marked(secret("c0de"), false)),
                version(13, codeField(setA, 2), .marked(secret("c0de2"), true)),
                version(14, .joinedInto, .bytes(SecretSlice(copying: setB)))))
        #expect(overview.title == "Bank")
        #expect(overview.username == "me")
        #expect(overview.template == "login")
        #expect(overview.tags == ["work"])
        #expect(overview.urls == ["https://bank"])
        #expect(overview.fields == [.init(name: "plain", text: "shown")])
        #expect(overview.has == .all)
        #expect(overview.codes == .init(activeSets: 1, unused: 1, used: 1))
        #expect((overview.createdSeconds, overview.modifiedSeconds) == (1, 14))
        #expect(overview.joinedInto.map(\.bytes) == [setB])
        #expect(overview.state == .live)
        let said = "\(overview)"
        for hidden in ["s3cret", "n0te", "h1dden", "c0de", "otpauth"] { #expect(!said.contains(hidden)) }
    }

    @Test func `an empty entry has an overview of nothing`() throws {
        #expect(Overview(try entry([])) == Overview())
    }

    @Test func `state and conflicts are in the overview`() throws {
        let clash = try entry(version(1, .title, .plain("a")), version(2, .title, .plain("b")))
        #expect(Overview(clash).conflicts == [.title])
        let thrown = try clash.adding(clash.trashDraft(true).version(3))
        #expect(Overview(thrown).state == .trash)
        let purged = try thrown.adding(#require(thrown.purgeDraft()).version(4))
        #expect(Overview(purged).state == .purged)
        #expect(Overview(purged).title == "b")
        #expect(Overview(purged).has.isEmpty)
        // The times of what is left.
        #expect(Overview(purged).createdSeconds == 4)
    }

    @Test func `custom fields whose names only look the same are two fields`() throws {
        let overview = Overview(
            try entry(
                version(1, .custom("e\u{301}"), .marked(secret("decomposed"), false)),
                version(2, .custom("\u{E9}"), .marked(secret("composed"), false))))
        #expect(overview.conflicts.isEmpty)
        // Shorter names come first, as they do in the encoding.
        #expect(overview.fields.map(\.text) == ["composed", "decomposed"])
    }
}
