/// The vault files of Tests/Vectors/golden open for ever, and are written to the same bytes again.
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferMerge
import CofferModel
import CofferVault
import Glibc
import Testing

struct GoldenVaultTests {
    @Test func `vk-cloud, whose password is "correct horse battery staple", is written again`() throws {
        try expectSameBytes("vk-cloud", entries: 2, password("correct horse battery staple"))
    }

    @Test func `vk-cloud opens with its recovery key as well`() throws {
        let text = try bytes(of: Golden.path("vk-cloud.recovery-key"))
        let key = try RecoveryKey.parse(text.span)
        try expectSameBytes("vk-cloud", entries: 2, Credential(recoveryKey: key))
    }

    @Test func `key-file, whose password is "second password", is written again`() throws {
        let keyFile = try KeyFile(path: Golden.path("key-file.key"))
        try expectSameBytes("key-file", entries: 1, password("second password", keyFile))
    }

    @Test func `argon2id, whose password is "ключ pässword" typed with a mark of its own, is written again`() throws {
        try expectSameBytes("argon2id", entries: 1, password("ключ pa\u{308}ssword"))
    }

    @Test func `empty, whose password is "empty", is written again`() throws {
        try expectSameBytes("empty", entries: 0, password("empty"))
    }

    @Test func `large, whose password is "large", is written again`() throws {
        try expectSameBytes("large", entries: 1, password("large"))
    }

    @Test(arguments: ["history", "other"])
    func `history, whose passwords are "history" and "other", is written again`(either: String) throws {
        try expectSameBytes("history", entries: 7, password(either))
    }

    private func password(_ text: String, _ keyFile: KeyFile? = nil) throws -> Credential {
        Credential(password: try MasterPassword(Array(text.utf8).span), keyFile: keyFile)
    }

    /// Opens a copy, seals every entry again, saves, and compares with the golden file.
    private func expectSameBytes(_ name: String, entries count: Int, _ credential: Credential) throws {
        let golden = try bytes(of: Golden.path("\(name).coffer"))
        let folder = try TemporaryFolder()
        let path = folder.path + "/copy.coffer"
        try SecretFile.create(path, golden.span)

        let vault = try OpenVault.open(path, credential)
        let records = vault.records
        #expect(records.count == count)
        // What was parsed is thrown away: the writer has the versions alone, and the registry.
        let edits = try records.map { EntryEdit(id: $0.id, versions: try vault.singleEntry($0.id).versions) }
        let before = try Folder.identity(path)
        try vault.save(Edits(entries: edits, registry: try registry(of: vault)))
        #expect(try !Folder.identity(path).isSameFile(as: before), "the file was written anew")
        #expect(try bytes(of: path) == golden)
    }

    /// The slots' versions, as a change of the password hands them on.
    private func registry(of vault: OpenVault) throws -> EntryVersions {
        try EntryVersions(vault.registry.live.map(\.version))
    }

    private func bytes(of path: String) throws -> [UInt8] {
        let file = try File(opening: path, O_RDONLY)
        return try file.bytes(at: 0, count: file.identity().sizeCount)
    }
}

/// Where the golden files are.
enum Golden {
    static func path(_ name: String) -> String {
        Folder.parent(of: Folder.parent(of: #filePath)) + "/Vectors/golden/" + name
    }
}

/// A folder that is removed with everything in it when its owner is gone.
final class TemporaryFolder {
    let path: String

    init(in folder: String = "/tmp") throws {
        path = "\(folder)/coffer-tests-\(SystemRandom().makeBytes(count: 8).map { String($0, radix: 16) }.joined())"
        try Folder.make(path)
    }

    deinit {
        empty()
        _ = unsafe rmdir(path)
    }

    /// Removes everything in it.
    func empty() { Self.removeContent(path) }

    private static func removeContent(_ path: String) {
        for name in (try? Folder.names(in: path)) ?? [] {
            let inner = path + "/" + name
            if let status = try? Folder.status(inner), status.st_mode & S_IFMT == S_IFDIR {
                removeContent(inner)
                _ = unsafe rmdir(inner)
            } else {
                try? Folder.remove(inner)
            }
        }
    }
}
