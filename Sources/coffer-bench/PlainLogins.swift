/// Makes vaults of plain logins from a fixed seed: five fields, 200 bytes of content in all, never edited.
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferMerge
import CofferModel
import CofferVault

enum PlainLogins {
    static let password = "bench"
    /// Title, user name, password, URL and notes together, in bytes.
    static let contentCount = 200
    /// The longest machine label.
    private static let machineLabel = "bench-machine-16"
    private static let seed: UInt64 = 20_260_101
    private static let firstSeconds: UInt64 = 1_767_225_600

    static func credential() throws -> Credential {
        Credential(password: try MasterPassword(Array(password.utf8).span))
    }

    static func title(_ number: Int) -> String { "service-\(sixDigits(number))" }

    /// Who writes entry `number`.
    static func author(_ number: Int, _ random: SeededRandom) -> Author {
        Author(machineLabel: machineLabel, random: random, nowSeconds: { firstSeconds + UInt64(number) })
    }

    /// Writes a vault of `count` entries to `path`, where nothing may be yet.
    static func write(_ count: Int, to path: String) throws {
        let random = SeededRandom(seed: seed)
        let recipe = VaultRecipe(
            credential: try credential(), kdf: .pbkdf2HMACSHA512(iterations: 1), isTestKDF: true)
        let vault = try NewVault.make(recipe, author: author(0, random))
        try vault.write(to: path, entries: try entries(0..<count, vault.keys, random))
    }

    /// The content of `count` logins as lines of five texts. Made-up ones: nothing in them is secret.
    static func lines(_ count: Int) -> [String] {
        let random = SeededRandom(seed: seed)
        return (0..<count).map { number in
            var rest = content(number, random)[...]
            let texts = [titleCount, usernameCount, passwordCount, urlCount, notesCount].map { count in
                defer { rest = rest.dropFirst(count) }
                return String(decoding: rest.prefix(count), as: UTF8.self)
            }
            return texts.joined(separator: "\t")
        }
    }

    /// New entries with the numbers of `range`.
    static func entries(_ range: Range<Int>, _ keys: KeyHierarchy, _ random: SeededRandom) throws -> [EntryEdit] {
        // One arena for all of them: a hundred thousand small ones would be more mappings than a process may have.
        var contents = SecretBytes(zeroed: range.count * contentCount)
        for (position, number) in range.enumerated() {
            contents.write(content(number, random).span, at: position * contentCount)
        }
        let arena = SecretArena(contents)
        return try range.enumerated().map { position, number in
            let slice = SecretSlice(arena: arena, offset: position * contentCount, count: contentCount)
            return try entry(number, slice, keys, random)
        }
    }

    private static func entry(
        _ number: Int, _ content: SecretSlice, _ keys: KeyHierarchy, _ random: SeededRandom
    ) throws -> EntryEdit {
        let fields: [(FieldName, Int)] = [
            (.title, titleCount), (.username, usernameCount), (.password, passwordCount),
            (keys.urlField(url(number)), urlCount), (.notes, notesCount),
        ]
        var start = 0
        var drafts: [Draft] = []
        for (field, count) in fields {
            drafts.append(Draft(field: field, value: .text(content.extracting(start..<start + count))))
            start += count
        }
        let id = EntryID(random.makeBytes(count: EntryID.byteCount).span)!
        let versions = try author(number, random).versions(EntryVersions(), adding: drafts)
        return EntryEdit(id: id, versions: versions)
    }

    // MARK: Content

    private static let titleCount = 14
    private static let usernameCount = 23
    private static let passwordCount = 24
    private static let urlCount = 36
    private static let notesCount = contentCount - titleCount - usernameCount - passwordCount - urlCount

    private static func url(_ number: Int) -> String { "https://\(title(number)).example/login" }

    /// The five texts one after the other.
    private static func content(_ number: Int, _ random: SeededRandom) -> [UInt8] {
        let username = "user-\(sixDigits(number))@example.com"
        let notes = "Asked for at the counter in the first week; the number of the contract is "
        var content = Array((title(number) + username).utf8)
        content += letters(passwordCount, random)
        content += Array((url(number) + notes).utf8)
        content += letters(contentCount - content.count, random)
        return content
    }

    private static func letters(_ count: Int, _ random: SeededRandom) -> [UInt8] {
        random.makeBytes(count: count).map { UInt8(ascii: "a") + $0 % 26 }
    }

    private static func sixDigits(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }
}
