/// What a reader sees of an entry's versions (docs/format.md, "Heads" and "Reading an entry").
import CofferMemory
import CofferMerge
import CofferModel
import Testing

struct EntryTests {
    @Test func `the value shown is that of the latest head, then of the greatest id`() throws {
        let clash = try entry(
            version(1, .password, .plain("late"), at: 9), version(2, .password, .plain("early"), at: 3))
        #expect(clash.text(.password) == secret("late"))
        #expect(clash.heads[.password]?.map(\.id) == [id(1), id(2)])
        let tie = try entry(version(1, .password, .plain("one"), at: 3), version(2, .password, .plain("two"), at: 3))
        #expect(tie.text(.password) == secret("two"))
    }

    @Test func `different values clash and equal ones do not`() throws {
        let equal = try entry(version(1, .password, .plain("same")), version(2, .password, .plain("same")))
        #expect(equal.conflicts.isEmpty)
        let different = try equal.adding(version(3, .username, .plain("a")), version(4, .username, .plain("b")))
        #expect(different.conflicts == [.username])
        #expect(try different.adding(version(5, .username, .plain("c"), replaces: [3, 4])).conflicts.isEmpty)
    }

    @Test func `a removal beside a value is a clash, and alone it is absence`() throws {
        let clash = try entry(version(1, .notes, .plain("text")), version(2, .notes, .removed))
        #expect(clash.conflicts == [.notes])
        #expect(clash.value(.notes) == nil)
        let gone = try entry(version(1, .notes, .plain("text")), version(2, .notes, .removed, replaces: [1]))
        #expect(gone.value(.notes) == nil)
        #expect(gone.conflicts.isEmpty)
    }

    @Test func `trash, purge, joins and elements of sets never clash`() throws {
        let fields: [(FieldName, FieldValue, FieldValue)] = [
            (.trash, .flag(true), .flag(false)),
            (.joinedInto, .bytes(SecretSlice(copying: setA)), .bytes(SecretSlice(copying: setB))),
            (.element(kind: FieldName.Kind.tag, keys: [setA]), .plain("t"), .removed),
            (.element(kind: FieldName.Kind.url, keys: [setA]), .plain("u"), .removed),
            (.codeSet(setA), .number(0), .number(1)),
            (codeField(setA, 1), .marked(secret("c"), false), .marked(secret("c"), true)),
            (.counter(of: id(1)), .number(4), .number(5)),
        ]
        for (field, one, two) in fields {
            #expect(try entry(version(1, field, one), version(2, field, two)).conflicts.isEmpty, "\(field)")
            #expect(!field.canConflict)
        }
        for field in [FieldName.title, .known(11), .custom("x"), .element(kind: 6, keys: [setA])] {
            #expect(field.canConflict)
        }
    }

    @Test func `conflicts are in the order of their encoded names`() throws {
        let fields: [FieldName] = [.element(kind: 6, keys: [[1]]), .custom("aa"), .custom("b"), .known(300), .password]
        var versions: [EntryVersion] = []
        for (position, field) in fields.enumerated() {
            versions.append(version(UInt8(position), field, .number(1)))
            versions.append(version(UInt8(position) + 100, field, .number(2)))
        }
        #expect(try entry(versions).conflicts == [.password, .known(300), .custom("b"), .custom("aa"), fields[0]])
    }

    // MARK: Sets (D4, rule 6)

    @Test func `present beats absent for tags and URLs`() throws {
        let tag = FieldName.element(kind: FieldName.Kind.tag, keys: [setA])
        let url = FieldName.element(kind: FieldName.Kind.url, keys: [setB])
        let both = try entry(
            version(1, tag, .removed, at: 50), version(2, tag, .plain("work"), at: 3),
            version(3, url, .plain("https://a")),
            version(4, url, .removed, at: 99))
        #expect(both.tags == ["work"])
        #expect(both.urls == ["https://a"])
        #expect(try both.adding(version(9, tag, .removed, replaces: [1, 2])).tags.isEmpty)
    }

    @Test func `tags ascend by their bytes and stand there once`() throws {
        let names: [(UInt8, String)] = [(1, "b"), (2, "é"), (3, "a"), (4, "Z"), (5, "b"), (6, "e\u{301}")]
        let versions = names.map { number, text in
            version(
                number, .element(kind: FieldName.Kind.tag, keys: [[UInt8](repeating: number, count: 16)]), .plain(text))
        }
        // Composed and decomposed letters are different bytes, as two writers would see them.
        #expect(
            try entry(versions).tags.map { Array($0.utf8) } == ["Z", "a", "b", "e\u{301}", "é"].map { Array($0.utf8) })
    }

    // MARK: Trash and purge (rules 4 and 5)

    @Test func `an entry goes to the trash, comes back, and is purged`() throws {
        let bank = try entry(version(1, .title, .plain("Bank")), version(2, .password, .plain("p")))
        #expect(bank.purgeDraft() == nil)
        let thrown = try bank.adding(bank.trashDraft(true).version(3))
        #expect(thrown.state == .trash)
        #expect(try thrown.adding(thrown.trashDraft(false).version(4)).state == .live)

        let purge = try #require(thrown.purgeDraft())
        let purged = try thrown.adding(purge.version(5))
        #expect(purged.state == .purged)
        #expect(purged.title == "Bank")
        #expect(purged.text(.password) == nil)
        #expect(purged.versions[id(2)]?.isTrimmed == true)
    }

    @Test func `an edit made elsewhere brings an entry back from the trash`() throws {
        let bank = try entry(version(1, .title, .plain("Bank")), version(2, .password, .plain("p")))
        let thrown = try bank.adding(bank.trashDraft(true).version(3))
        let edit = try #require(bank.draft(.password, .plain("new")))
        #expect(try thrown.adding(edit.version(4)).state == .live)
    }

    @Test func `an edit that a purge had not seen survives under the purge's title`() throws {
        let bank = try entry(version(1, .title, .plain("Bank")), version(2, .password, .plain("p")))
        let edit = try #require(bank.draft(.password, .plain("new")))
        let thrown = try bank.adding(bank.trashDraft(true).version(3))
        let purged = try thrown.adding(#require(thrown.purgeDraft()).version(4))
        let survivor = try purged.adding(edit.version(5))
        #expect(survivor.state == .live)
        #expect(survivor.title == "Bank")
        #expect(survivor.text(.password) == secret("new"))
        #expect(survivor.versions[id(2)]?.isTrimmed == true)
        // A title of its own comes first.
        let named = try survivor.adding(#require(survivor.draft(.title, .plain("Bank 2"))).version(6))
        #expect(named.title == "Bank 2")
    }

    @Test func `of several purges the latest names the entry`() throws {
        let purges = try entry(
            version(1, .purge, .plain("old"), at: 5), version(2, .purge, .plain("new"), at: 6),
            version(3, .notes, .plain("x")))
        #expect(purges.title == "new")
    }

    @Test func `joined entries are named once, ascending`() throws {
        let other = [UInt8](repeating: 1, count: 16)
        let joined = try entry(
            version(1, .joinedInto, .bytes(SecretSlice(copying: setA))),
            version(2, .joinedInto, .bytes(SecretSlice(copying: setA))),
            version(3, .joinedInto, .bytes(SecretSlice(copying: other))))
        #expect(joined.joinedInto.map(\.bytes) == [other, setA])
    }
}

struct DraftTests {
    @Test func `writing a field replaces the heads that were shown`() throws {
        let clash = try entry(version(1, .password, .plain("a")), version(2, .password, .plain("b")))
        let draft = try #require(clash.draft(.password, .plain("c")))
        #expect(draft.replaces == [id(1), id(2)])
        #expect(draft.seen.isEmpty)
        #expect(try clash.adding(draft.version(3)).conflicts.isEmpty)
    }

    @Test func `writing what is shown adds nothing`() throws {
        let shown = try entry(version(1, .password, .plain("a")), version(2, .password, .plain("a")))
        #expect(shown.draft(.password, .plain("a")) == nil)
        #expect(shown.draft(.notes, .removed) == nil)
        #expect(shown.draft(.password, .removed) != nil)
        // Choosing one of two clashing values is an edit.
        let clash = try entry(version(1, .password, .plain("a")), version(2, .password, .plain("b")))
        #expect(clash.draft(.password, .plain("b")) != nil)
    }

    @Test func `an edit is fixed by what was shown, whatever came meanwhile`() throws {
        let shown = try entry(version(1, .password, .plain("a")))
        let draft = try #require(shown.draft(.password, .plain("mine")))
        let meanwhile = try shown.adding(version(2, .password, .plain("theirs"), replaces: [1]))
        let both = try meanwhile.adding(draft.version(3))
        #expect(both.conflicts == [.password])
        #expect(Set((both.heads[.password] ?? []).map(\.id)) == [id(2), id(3)])
    }

    @Test func `trash and purge list the heads of every field`() throws {
        let bank = try entry(
            version(1, .title, .plain("B")), version(2, .title, .plain("Bank"), replaces: [1]),
            version(3, .password, .plain("p")), version(4, .password, .plain("q")))
        #expect(bank.trashDraft(true).seen == [id(2), id(3), id(4)])
        let thrown = try bank.adding(bank.trashDraft(true).version(9))
        let purge = try #require(thrown.purgeDraft())
        #expect(purge.seen == [id(2), id(3), id(4), id(9)])
        #expect(purge.replaces.isEmpty)
        #expect(thrown.trashDraft(false).replaces == [id(9)])
    }
}
