/// What an entry is not asked for is not in it; all that is not secret looks as it is.
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferMerge
import CofferModel
import CofferOTP
import CofferVault
import TestSupport
import Testing

struct DisclosureTests {
    static let author = Author(
        machineLabel: "m", random: SeededBytes(seed: 3), nowSeconds: { 1_700_000_000 })

    private static let secrets = ["the password", "older password", "the note", "the pin", "c0de-0001", "c0de-0002"]
    private static let uri = "otpauth://totp/Example:me?secret=JBSWY3DPEHPK3PXP&issuer=Example&period=60"

    private static func text(_ text: String) -> SecretSlice { SecretSlice(copying: Array(text.utf8)) }

    /// A vault's session with one entry that has a secret of every kind.
    private static func withSession(_ body: (LocalSession, Entry) throws -> Void) throws {
        let disk = try VaultDisk()
        _ = try disk.edit(try disk.newVault(seed: 4), author: author) { session, _ in
            var new = NewEntry(title: "full")
            new.username = "me"
            new.urls = ["https://example.com"]
            new.tags = ["tag"]
            new.password = text("older password")
            new.notes = text("the note")
            new.otp = text(uri)
            new.fields = [("pin", text("the pin"), true), ("project", text("plain"), false)]
            new.codes = NewCodes([(text("c0de-0001"), false), (text("c0de-0002"), true)])
            let id = try session.add(new)
            try session.set(try session.entryNow(id, .everything), .password, .text(text("the password")))
            try body(session, try session.entryNow(id, .everything))
        }
    }

    static func entry() throws -> Entry {
        var found: Entry?
        try withSession { _, entry in found = entry }
        return try #require(found)
    }

    /// Every text in any version of the entry.
    private static func texts(_ entry: Entry) -> [String] {
        entry.versions.versions.compactMap { $0.content?.value.text?.plainText }
    }

    private static func hides(_ entry: Entry, _ secrets: [String]) -> Bool {
        let all = texts(entry).joined(separator: "\n")
        return !secrets.contains { all.contains($0) }
    }

    @Test func `without disclosure no secret is in the entry, old ones included`() throws {
        try Self.withSession { session, whole in
            #expect(Self.secrets.allSatisfy { Self.texts(whole).contains($0) })
            let masked = try session.entryNow(whole.id, .nothing)
            #expect(Self.hides(masked, Self.secrets + ["JBSWY3DPEHPK3PXP"]))
        }
    }

    @Test func `what is not secret is as it was`() throws {
        try Self.withSession { session, whole in
            let masked = try session.entryNow(whole.id, .nothing)
            #expect(masked.title == "full" && masked.username == "me" && masked.urls == ["https://example.com"])
            #expect(masked.tags == ["tag"] && masked.customFields(secret: false).map(\.text.plainText) == ["plain"])
            #expect(Overview(masked) == Overview(whole))
            #expect(masked.versions.versions.map(\.id) == whole.versions.versions.map(\.id))
            let codes = BackupCodes(masked)
            #expect(codes.unusedCount == 1 && codes.usedCount == 1)
            let parameters = try session.otpParameters(masked)
            #expect(parameters.kind == .totp(periodSeconds: 60) && parameters.issuer == "Example")
        }
    }

    @Test func `one field is told when it is asked for, and no other`() throws {
        try Self.withSession { session, whole in
            let shown = try session.entryNow(whole.id, .only([.password]))
            #expect(shown.text(.password)?.plainText == "the password")
            #expect(Self.hides(shown, Array(Self.secrets.dropFirst(2)) + ["JBSWY3DPEHPK3PXP"]))
            let pin = try session.entryNow(whole.id, .only([.custom("pin")]))
            #expect(pin.customFields(secret: true).map(\.text.plainText) == ["the pin"])
            #expect(Self.hides(pin, ["the password", "older password", "the note"]))
        }
    }

    @Test func `equal secrets of one field have equal stand-ins, and others have others`() throws {
        try Self.withSession { session, whole in
            let first = try session.entryNow(whole.id, .nothing).text(.password)
            #expect(try session.entryNow(whole.id, .nothing).text(.password) == first)
            try session.set(whole, .password, .text(Self.text("something else")))
            let second = try session.entryNow(whole.id, .everything)
            #expect(try session.entryNow(whole.id, .nothing).text(.password) != first)
            try session.set(second, .password, .text(Self.text("the password")))
            #expect(try session.entryNow(whole.id, .nothing).text(.password) == first)
        }
    }

    @Test func `a guess in another field or entry tells nothing`() throws {
        try Self.withSession { session, whole in
            let first = try session.entryNow(whole.id, .nothing).text(.password)
            try session.set(whole, .notes, .text(Self.text("the password")))
            #expect(try session.entryNow(whole.id, .nothing).text(.notes) != first)
            var guess = NewEntry(title: "guess")
            guess.password = Self.text("the password")
            let id = try session.add(guess)
            #expect(try session.entryNow(id, .nothing).text(.password) != first)
        }
    }

    @Test func `another process has other stand-ins`() throws {
        try Self.withSession { session, whole in
            let other = LocalSession(
                vault: session.vault,
                author: Author(machineLabel: "m", random: SystemRandom(), nowSeconds: { 0 }), machine: session.machine)
            let (one, two) = (
                try session.entryNow(whole.id, .nothing).text(.password),
                try other.entryNow(whole.id, .nothing).text(.password)
            )
            #expect(one != two)
        }
    }
}
