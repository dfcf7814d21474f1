/// What the agent holds, answers and forgets, with clocks that stand still.
import CofferAgent
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferModel
import CofferVault
import Glibc
import Synchronization
import Testing

/// Clocks that a test sets.
private final class TestClock: Sendable {
    private let times = Mutex<(boot: Double, awake: Double)>((1_000, 1_000))

    var clock: BootClock {
        BootClock(bootSeconds: { self.times.withLock { $0.boot } }, awakeSeconds: { self.times.withLock { $0.awake } })
    }

    func pass(_ seconds: Double) { times.withLock { $0 = ($0.boot + seconds, $0.awake + seconds) } }
    func sleep(_ seconds: Double) { times.withLock { $0.boot += seconds } }
}

struct KeeperTests {
    /// A vault on the disk, a keeper, and messages to it.
    private final class Desk {
        let clock = TestClock()
        let keeper: Keeper
        let path: String
        let vaultKey: SecretSlice
        private let folder: String

        init() throws {
            var template = Array("/tmp/coffer-keeper-XXXXXX".utf8CString)
            // The array ends with a zero byte and is as long as the name.
            guard unsafe mkdtemp(&template) != nil else { throw SystemError.last }
            folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            path = folder + "/vault.coffer"
            let credential = Credential(password: try MasterPassword(Array("a password".utf8).span))
            let author = Author(machineLabel: "m", random: SystemRandom(), nowSeconds: { 1_700_000_000 })
            let recipe = VaultRecipe(
                credential: credential, kdf: SlotKDF.pbkdf2HMACSHA512(iterations: 1), isTestKDF: true)
            try NewVault.make(recipe, author: author).write(to: path)
            let vault = try OpenVault.open(path, credential)
            vaultKey = SecretSlice(vault.keys.copyVaultKey())
            keeper = Keeper(clock: clock.clock)
        }

        deinit {
            for name in (try? Folder.names(in: folder)) ?? [] { try? Folder.remove(folder + "/" + name) }
            unsafe rmdir(folder)
        }

        func unlock(idle: Int = 600, lifetime: Int = 28_800, key: SecretSlice? = nil) -> AnswerStatus? {
            let order = UnlockOrder(
                path: path, vaultKey: key ?? vaultKey, stateFolder: nil, startsMemory: false,
                terms: HoldingTerms(idleSeconds: idle, lifetimeSeconds: lifetime, isBulk: false))
            return ask(ControlNumber.unlock, path: "") { $0.put(order) }
        }

        func hello() -> AnswerStatus? { ask(ControlNumber.hello, path: path) { _ in } }

        func ask(_ number: UInt64, path: String, _ body: (inout WireSink) -> Void) -> AnswerStatus? {
            var sink = WireSink()
            sink.put(RequestHead(number: number, path: path))
            body(&sink)
            var reader = WireReader(keeper.answer(sink.finish()))
            return (try? reader.read(AnswerHead.self))?.status
        }
    }

    @Test func `a vault is held until its idle time is over`() throws {
        let desk = try Desk()
        #expect(desk.hello() == .locked)
        #expect(desk.unlock(idle: 10) == .answered)
        for _ in 0..<5 {
            desk.clock.pass(9)
            #expect(desk.hello() == .answered)
        }
        desk.clock.pass(10)
        #expect(desk.hello() == .locked && desk.keeper.isEmpty)
    }

    @Test func `its lifetime ends it however it is used`() throws {
        let desk = try Desk()
        #expect(desk.unlock(idle: 10, lifetime: 25) == .answered)
        for _ in 0..<2 {
            desk.clock.pass(9)
            #expect(desk.hello() == .answered)
        }
        desk.clock.pass(7)
        #expect(desk.hello() == .locked)
    }

    @Test func `a machine that was asleep finds everything locked`() throws {
        let desk = try Desk()
        #expect(desk.unlock() == .answered)
        desk.clock.sleep(0.5)
        #expect(desk.hello() == .answered)
        desk.clock.sleep(2)
        #expect(desk.hello() == .locked)
        #expect(desk.unlock() == .answered)
        desk.clock.pass(5)
        #expect(desk.hello() == .answered)
    }

    @Test func `another key opens nothing`() throws {
        let desk = try Desk()
        #expect(desk.unlock(key: SecretSlice(SecretBytes(zeroed: 32))) == .refused)
        #expect(desk.unlock(key: SecretSlice(SecretBytes(zeroed: 31))) == .refused)
        #expect(desk.keeper.isEmpty)
    }

    @Test func `another key is no proof`() throws {
        let desk = try Desk()
        #expect(desk.unlock() == .answered)
        let wrong = SecretSlice(SecretBytes(zeroed: 32))
        #expect(desk.ask(ControlNumber.allowReads, path: desk.path) { $0.put(wrong) } == .tooManyReads)
        let right = desk.vaultKey
        #expect(desk.ask(ControlNumber.allowReads, path: desk.path) { $0.put(right) } == .answered)
    }

    @Test func `no number but a request's is understood`() throws {
        let desk = try Desk()
        #expect(desk.unlock() == .answered)
        for number: UInt64 in [0, 7, 11, 15, 19, 23, 31, 255, 261, 1 << 40, .max] {
            #expect(desk.ask(number, path: desk.path) { _ in } == .notUnderstood)
        }
        #expect(desk.hello() == .answered)
    }

    @Test func `a request with more than it should have is not understood`() throws {
        let desk = try Desk()
        #expect(desk.unlock() == .answered)
        let status = desk.ask(ListEntries.number, path: desk.path) { sink in
            sink.put(ListEntries())
            sink.put(true)
        }
        #expect(status == .notUnderstood)
    }
}
