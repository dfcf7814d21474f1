/// A vault that the agent holds: its session, until when, and how much of it was read.
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferVault
import Glibc

final class HeldVault {
    let session: LocalSession
    private let terms: HoldingTerms
    private let lockAtSeconds: Double
    private var lastAskedSeconds: Double
    private var limiter = ReadLimiter()
    /// What the last request saved; nil when it saved nothing.
    private var saved: [LongHistory]?

    /// Opens the vault with the key that came.
    init(_ order: UnlockOrder, now: Double) throws(VaultError) {
        let machine = try Machine.load(stateFolder: order.stateFolder, random: SystemRandom())
        let author = Author(machineLabel: machine.label, random: SystemRandom(), nowSeconds: Self.now)
        let vault = try OpenVault.open(order.path, vaultKey: order.vaultKey)
        vault.isAskedOften = true
        if let folder = order.stateFolder {
            let memory = VaultMemory(
                stateFolder: folder, keys: vault.keys, vaultPath: vault.path, nowSeconds: Self.now)
            memory.startsWhenReading = order.startsMemory
            vault.memory = memory
            try vault.checkAgainstMemory()
        }
        session = LocalSession(vault: vault, author: author, machine: machine)
        terms = order.terms
        lockAtSeconds = now + Double(order.terms.lifetimeSeconds)
        lastAskedSeconds = now
        session.afterSave = { [weak self] histories in self?.saved = histories }
    }

    /// Seconds since 1970; a clock before that reads as 0.
    private static let now: @Sendable () -> UInt64 = { UInt64(max(0, time(nil))) }

    func isOver(at now: Double) -> Bool { secondsLeft(at: now) <= 0 }

    func secondsLeft(at now: Double) -> Double {
        min(lockAtSeconds, lastAskedSeconds + Double(terms.idleSeconds)) - now
    }

    func wasAsked(at now: Double) { lastAskedSeconds = now }

    func status(at now: Double) -> HeldVaultStatus {
        HeldVaultStatus(
            path: session.path, entryCount: entryCount, machineLabel: session.machine.label,
            secondsLeft: Int(max(0, secondsLeft(at: now))), lifetimeSecondsLeft: Int(max(0, lockAtSeconds - now)),
            isBulk: terms.isBulk)
    }

    /// Live entries.
    private var entryCount: Int { (try? session.vault.shownPositions().count) ?? 0 }

    func allowReads(now: Double) { limiter.reset(now: now) }

    /// Answers one request about the vault as it is now. One that is not understood, or that reads too much, is answered so.
    func answer(_ type: any Request.Type, _ reader: WireReader, now: Double) throws(VaultError) -> SecretBytes {
        try answer(type: type, reader, now: now)
    }

    private func answer<Question: Request>(
        type: Question.Type, _ reader: WireReader, now: Double
    ) throws(VaultError) -> SecretBytes {
        var reader = reader
        let question: Question
        do throws(FormatError) {
            question = try reader.read(Question.self)
            try reader.finish()
        } catch {
            return Self.message(.notUnderstood)
        }
        // Another program may have saved meanwhile.
        try session.vault.refresh()
        guard admits(question.discloses, now) else { return Self.message(.tooManyReads) }
        if !terms.isBulk, question is NameElement, !limiter.admitsName(now: now) { return Self.message(.tooManyReads) }
        saved = nil
        let answer = try session.answer(question)
        guard try admits(question.disclosed(by: answer, in: session), now) else { return Self.message(.tooManyReads) }
        var sink = WireSink()
        sink.put(AnswerHead(.answered))
        sink.put(saved)
        sink.put(answer)
        return sink.finish()
    }

    private func admits(_ disclosed: Disclosed, _ now: Double) -> Bool {
        terms.isBulk || limiter.admits(disclosed, entryCount: session.vault.recordCount, now: now)
    }

    static func message(_ status: AnswerStatus) -> SecretBytes {
        var sink = WireSink()
        sink.put(AnswerHead(status))
        return sink.finish()
    }
}
