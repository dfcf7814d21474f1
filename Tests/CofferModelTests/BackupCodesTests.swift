/// Which backup codes there are, and which are used (D4, rule 7).
import CofferMemory
import CofferMerge
import CofferModel
import Testing

struct BackupCodesTests {
    private static func enrolled(_ count: UInt8 = 3, set: [UInt8] = setA, from first: UInt8 = 10) -> [EntryVersion] {
        [version(first, .codeSet(set), .number(0))]
            + (1...count).map { version(first + $0, codeField(set, $0), .marked(secret("code\($0)"), false)) }
    }

    @Test func `used beats unused, whatever the clocks say`() throws {
        let use = version(30, codeField(setA, 1), .marked(secret("code1"), true), replaces: [11], at: 5, by: "phone")
        // Another machine rewrote the same code as unused, later and without having seen the use.
        let other = version(31, codeField(setA, 1), .marked(secret("code1"), false), replaces: [11], at: 90)
        let codes = BackupCodes(try entry(Self.enrolled() + [use, other]))
        #expect(codes.unusedCount == 2)
        #expect(codes.usedCount == 1)
        let used = try #require(codes.sets.first?.codes.first { $0.isUsed })
        #expect(used.text == secret("code1"))
        #expect(used.usedAtSeconds == 5)
        #expect(used.usedBy == "phone")
    }

    @Test func `an undo counts only for the uses that it saw`() throws {
        let use = version(30, codeField(setA, 1), .marked(secret("code1"), true), replaces: [11])
        let undo = version(31, codeField(setA, 1), .marked(secret("code1"), false), replaces: [30])
        #expect(BackupCodes(try entry(Self.enrolled() + [use, undo])).usedCount == 0)
        // The same code was used on another machine as well.
        let second = version(32, codeField(setA, 1), .marked(secret("code1"), true), replaces: [11])
        #expect(BackupCodes(try entry(Self.enrolled() + [use, undo, second])).usedCount == 1)
    }

    @Test func `retired beats active`() throws {
        let retire = version(30, .codeSet(setA), .number(1), replaces: [10])
        let other = version(31, .codeSet(setA), .number(0), replaces: [10], at: 99)
        let codes = BackupCodes(try entry(Self.enrolled() + [retire, other]))
        #expect(codes.active.isEmpty)
        #expect(codes.sets.map(\.isRetired) == [true])
        #expect(codes.next { _ in [] } == nil)
        #expect((codes.unusedCount, codes.usedCount) == (0, 0))
    }

    @Test func `only active sets are counted and drawn from, oldest set first`() throws {
        let retire = version(60, .codeSet(setA), .number(1), replaces: [10])
        let codes = BackupCodes(try entry(Self.enrolled() + Self.enrolled(2, set: setB, from: 40) + [retire]))
        #expect(codes.sets.map(\.id) == [setB, setA])
        #expect(codes.unusedCount == 2)
        #expect(codes.next { $0 == codeField(setB, 2) ? [0] : [1] }?.text == secret("code2"))
    }

    @Test func `a code that a retired set calls used is used in all, unless that was undone`() throws {
        let retire = version(60, .codeSet(setA), .number(1), replaces: [10])
        let use = version(61, codeField(setA, 1), .marked(secret("code1"), true), replaces: [11], at: 5, by: "phone")
        let both = Self.enrolled() + Self.enrolled(2, set: setB, from: 40) + [retire, use]
        let codes = BackupCodes(try entry(both))
        #expect((codes.unusedCount, codes.usedCount) == (1, 1))
        #expect(codes.next { $0 == codeField(setB, 1) ? [0] : [1] }?.text == secret("code2"))
        #expect(codes.active[0].codes.first { $0.isUsed }?.usedBy == "phone")
        // The overview counts each set by itself.
        #expect(Overview(try entry(both)).codes == Overview.Codes(activeSets: 1, unused: 2, used: 0))
        let undo = version(62, codeField(setA, 1), .marked(secret("code1"), false), replaces: [61])
        #expect(BackupCodes(try entry(both + [undo])).unusedCount == 2)
    }

    @Test func `the next code is the least by the machine's own order`() throws {
        let codes = BackupCodes(try entry(Self.enrolled()))
        for wanted: UInt8 in 1...3 {
            let next = codes.next { $0 == codeField(setA, wanted) ? [1] : [2] }
            #expect(next?.text == secret("code\(wanted)"))
        }
    }

    @Test func `a set that was taken away is gone with its codes`() throws {
        let removed = version(30, .codeSet(setA), .removed, replaces: [10])
        #expect(BackupCodes(try entry(Self.enrolled() + [removed])).sets.isEmpty)
        let code = version(30, codeField(setA, 1), .removed, replaces: [11])
        #expect(BackupCodes(try entry(Self.enrolled() + [code])).unusedCount == 2)
    }

    @Test func `a set without codes is a set`() throws {
        let codes = BackupCodes(try entry(version(1, .codeSet(setA), .number(0))))
        #expect(codes.active.map(\.id) == [setA])
        #expect(codes.unusedCount == 0)
    }

    @Test func `a code that a purge had not seen is there, though its set is covered`() throws {
        let use = version(50, codeField(setA, 1), .marked(secret("code1"), true), replaces: [11])
        let codes = try entry(Self.enrolled(1) + [version(49, .purge, .plain("Bank"), seen: [10, 11]), use])
        #expect(BackupCodes(codes).usedCount == 1)
        #expect(BackupCodes(codes).active.map(\.id) == [setA])
    }
}
