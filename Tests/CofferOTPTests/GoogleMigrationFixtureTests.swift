/// Export texts that other projects keep as samples: read when they lie beside the tree, never copied into it.
import CofferMemory
import CofferOTP
import FoundationEssentials
import Glibc
import Testing

/// The sample texts in ../shared/fixtures, or in the folder that COFFER_FIXTURES names.
enum MigrationFixtures {
    static let folder: String = {
        // The environment is not changed while tests run, and the text is copied.
        if let named = unsafe getenv("COFFER_FIXTURES") { return unsafe String(cString: named) }
        return testsFolder + "../../shared/fixtures"
    }()

    /// The texts in a file, one a line, without comments; none, with a word about it, when the file is not there.
    static func texts(_ name: String) -> [String] {
        guard let data = FileManager.default.contents(atPath: "\(folder)/google-authenticator-migration/\(name)") else {
            print("\(name): skipped, it is not beside the tree (set COFFER_FIXTURES to name the folder)")
            return []
        }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
        return lines.filter { $0.hasPrefix("otpauth-migration:") }
    }
}

struct GoogleMigrationFixtureTests {
    static func account(
        _ issuer: String?, _ account: String, key: String = "7KSQL2JTUDIS5EF65KLMRQIIGY",
        kind: OTPParameters.Kind = .totp(periodSeconds: 30)
    ) throws -> OTPParameters {
        let key = SecretSlice(try Base32.decode(secret(key).span))
        return try OTPParameters(kind: kind, issuer: issuer, account: account, key: key)
    }

    /// The part written anew, with the same numbers.
    static func rewritten(_ part: GoogleMigration.Part) throws -> String {
        let id = try #require(Int32(exactly: part.batchID))
        let written = try GoogleMigration.serialize(
            part.accounts, batchSize: part.batchSize, batchIndex: part.batchIndex, batchID: id)
        return text(written)
    }

    @Test func `extract_otp_secrets' example is read as its comments say`() throws {
        let texts = MigrationFixtures.texts("scito.example_export.txt")
        guard !texts.isEmpty else { return }
        let parts = try texts.map { text throws(OTPError) in try parsePart(text) }
        let named = try Self.account("raspberrypi", "pi@raspberrypi")
        let unnamed = try Self.account(nil, "pi@raspberrypi")
        let counting = try Self.account(nil, "hotp demo", kind: .hotp(counter: 4))
        let odd = try Self.account("encoding", "¿äÄéÉ? (demo)")
        #expect(parts.map(\.accounts) == [[named], [unnamed], [unnamed, named], [counting], [odd]])
        for part in parts { #expect(part.batchSize == 1 && part.batchID < 0 && !part.mayBeCut && part.skipped.isEmpty) }
        // Where the name does not repeat the issuer, ours is another spelling of the same.
        for index in [1, 3] { #expect(try Self.rewritten(parts[index]) == texts[index]) }
        print("scito.example_export.txt: \(parts.count) texts")
    }

    @Test func `a plus sign that is not escaped is a plus sign`() throws {
        for sample in MigrationFixtures.texts("scito.test_plus_problem_export.txt") {
            let part = try parsePart(sample)
            let names = (1...4).map { "test\($0)@serenitylabs.co.uk" }
            #expect(part.accounts.map(\.account) == names)
            #expect(part.accounts.allSatisfy { $0.issuer == "SerenityLabs" && $0.key.count == 20 })
            let escaped = sample.map { ["+": "%2B", "/": "%2F", "=": "%3D"][$0] ?? String($0) }.joined()
            let expected = escaped.dropFirst("otpauth-migration:%2F%2Foffline?data%3D".count)
            #expect(try Self.rewritten(part) == "otpauth-migration://offline?data=" + expected)
            print("scito.test_plus_problem_export.txt: \(part.accounts.count) accounts")
        }
    }

    @Test func `a batch of three parts is put together and written alike`() throws {
        let texts = MigrationFixtures.texts("johncallahan.batch-of-3.txt")
        guard !texts.isEmpty else { return }
        try #require(texts.count == 3)
        var batch = GoogleMigrationBatch()
        try batch.add(try parsePart(texts[2]))
        try batch.add(try parsePart(texts[0]))
        #expect(batch.missing == [2])
        try batch.add(try parsePart(texts[1]))
        #expect(batch.isComplete)
        #expect(batch.parts.map(\.accounts.count) == [10, 10, 2])
        #expect(batch.accounts.first?.account == "one@example.com")
        #expect(batch.accounts.last?.account == "twenty-two@example.com")
        for (part, text) in zip(batch.parts, texts) { #expect(try Self.rewritten(part) == text) }
        print("johncallahan.batch-of-3.txt: \(batch.accounts.count) accounts")
    }

    @Test func `the second part alone says that the first is missing`() throws {
        for sample in MigrationFixtures.texts("hashlib.part2of2.txt") {
            var batch = GoogleMigrationBatch()
            try batch.add(try parsePart(sample))
            #expect(batch.missing == [1])
            #expect(batch.accounts.count == 3)
        }
    }

    @Test func `data that are no export are refused`() {
        for sample in MigrationFixtures.texts("scito.test_export_wrong_data.txt") {
            let error = failure { () throws(OTPError) in _ = try parsePart(sample) }
            #expect(error == .protobuf(position: 1))
        }
    }
}
