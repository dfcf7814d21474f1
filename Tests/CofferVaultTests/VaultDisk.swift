/// A folder, in memory where that is possible, in which vault files are opened, edited and merged for a moment.
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferModel
import CofferVault
import TestSupport

final class VaultDisk {
    static let kdf = SlotKDF.pbkdf2HMACSHA512(iterations: 1)

    static func credential(_ password: String = "password") throws -> Credential {
        Credential(password: try MasterPassword(Array(password.utf8).span))
    }

    private let folder: TemporaryFolder
    private var count = 0

    init() throws {
        let memory = "/dev/shm"
        folder = try TemporaryFolder(in: (try? Folder.status(memory)) == nil ? "/tmp" : memory)
    }

    /// A vault with two entries, one of which has backup codes.
    func newVault(seed: UInt64) throws -> [UInt8] {
        let author = Author(
            machineLabel: "first", random: SeededBytes(seed: seed), nowSeconds: { 1_700_000_000 })
        let path = try place()
        let recipe = VaultRecipe(credential: try Self.credential(), kdf: Self.kdf, isTestKDF: true)
        try NewVault.make(recipe, author: author).write(to: path)
        let session = try open(path, author)
        var bank = NewEntry(title: "bank")
        bank.password = SecretSlice(copying: Array("first".utf8))
        bank.codes = NewCodes(
            ["3f9a01c7", "7f34038e", "beae0555"].map { (SecretSlice(copying: Array($0.utf8)), false) })
        try session.add(bank)
        try session.add(NewEntry(title: "mail"))
        return try WholeFile.bytes(path)
    }

    /// What becomes of a file by an edit; `body` gets the path too.
    func edit(_ file: [UInt8], author: Author, _ body: (LocalSession, String) throws -> Void) throws -> [UInt8] {
        let path = try place(file)
        try body(try open(path, author), path)
        return try WholeFile.bytes(path)
    }

    /// Opens the file at `path` once more, as another process does.
    func reopen(_ path: String, _ author: Author, _ body: (LocalSession) throws -> Void) throws {
        try body(try open(path, author))
    }

    /// What `file` is after taking in the others at once.
    func merge(_ file: [UInt8], _ others: [[UInt8]]) throws -> [UInt8] {
        let path = try place(file)
        try mergeIn(others, at: path)
        return try WholeFile.bytes(path)
    }

    func mergeIn(_ others: [[UInt8]], at path: String) throws {
        let paths = try others.map { try place($0) }
        let author = Author(machineLabel: "merger", random: SystemRandom(), nowSeconds: { 0 })
        _ = try open(path, author).performMerge(paths)
    }

    /// Removes all files: called where a history ends.
    func clear() { folder.empty() }

    private func open(_ path: String, _ author: Author) throws -> LocalSession {
        let vault = try OpenVault.open(path, try Self.credential())
        let machine = try Machine.load(stateFolder: nil, name: author.machineLabel, random: author.random)
        return LocalSession(vault: vault, author: author, machine: machine)
    }

    /// A path that was not used before, with `file` there.
    private func place(_ file: [UInt8]? = nil) throws -> String {
        count += 1
        let path = "\(folder.path)/\(count).coffer"
        if let file { try WholeFile.write(file, to: path) }
        return path
    }
}
