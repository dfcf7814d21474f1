/// Names of fields are compared as bytes (docs/format.md, "Versions").
import CofferMerge
import CofferModel
import TestSupport
import Testing

struct FieldNameTests {
    @Test func `names are the same when their bytes are`() {
        let composed = FieldName.custom("\u{E9}")
        let decomposed = FieldName.custom("e\u{301}")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed, .custom("\u{E9}")]).count == 2)
        #expect((composed < decomposed) != (decomposed < composed))
        #expect(FieldName.known(1) != .custom("\u{1}"))
        #expect(FieldName.element(kind: 1, keys: [[1]]) == .element(kind: 1, keys: [[1]]))
        #expect(FieldName.element(kind: 1, keys: [[1]]) != .element(kind: 1, keys: [[1], []]))
    }

    @Test func `the fields that people use have names`() {
        let named: [(FieldName, String?)] = [
            (.title, "title"), (.username, "username"), (.password, "password"), (.notes, "notes"), (.otp, "otp"),
            (.template, "template"), (.trash, "trash"), (.purge, "purge"), (.joinedInto, "joined-into"),
            (.pendingOTP, "otp-pending"), (.custom("pin"), "pin"), (.known(11), nil), (.codeSet(setA), nil),
        ]
        for (field, name) in named { #expect(field.displayName == name) }
    }

    @Test func `trash and purge have rules of their own`() {
        #expect(FieldName.trash.mergeRule == .trash)
        #expect(FieldName.purge.mergeRule == .purge)
        for field in [FieldName.title, .custom("trash"), .codeSet(setA), .known(0), .known(11)] {
            #expect(field.mergeRule == .register)
        }
    }

    @Test func `an entry id is sixteen bytes, compared as bytes`() {
        for _ in 0..<1_000 {
            let one = (0..<16).map { _ in UInt8.random(in: 0...2) }
            let two = (0..<16).map { _ in UInt8.random(in: 0...2) }
            guard let left = EntryID(one.span), let right = EntryID(two.span) else {
                Issue.record("sixteen bytes are an id")
                return
            }
            #expect(left.bytes == one)
            #expect((left < right) == one.lexicographicallyPrecedes(two))
        }
        #expect(EntryID([UInt8](repeating: 0, count: 15).span) == nil)
        #expect(entryID.hexadecimal == String(repeating: "07", count: 16))
    }
}
