/// The options of every command that opens a vault, and the opening itself (docs/cli.md, "Rules").
import ArgumentParser
import CofferAgent
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferVault
import Glibc
import Synchronization

struct VaultOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The vault (else $COFFER_VAULT, else the default place).", valueName: "file"))
    var vault: String?

    @Option(
        name: .customLong("password-fd"),
        help: ArgumentHelp("Read the master password from this file descriptor: its first line.", valueName: "n"))
    var passwordFD: Int?

    @Option(name: .customLong("key-file"), help: ArgumentHelp("The key file of the vault.", valueName: "file"))
    var keyFile: String?

    @Flag(name: .customLong("recovery-key"), help: "Open with the recovery key, which is asked for.")
    var asksRecoveryKey = false

    @Option(
        name: .customLong("recovery-key-fd"),
        help: ArgumentHelp("Read the recovery key from this file descriptor.", valueName: "n"))
    var recoveryKeyFD: Int?

    @Flag(name: .customLong("no-input"), help: "Ask nothing; refuse what would need an answer.")
    var noInput = false

    /// How often a mistyped master password may be typed again.
    private static let slipsMaximum = 2

    func validate() throws {
        let given = [passwordFD != nil, asksRecoveryKey, recoveryKeyFD != nil].count { $0 }
        guard given <= 1 else {
            throw CLIError.usage(
                why: "Only one of --password-fd, --recovery-key and --recovery-key-fd can be given.",
                remedy: "Leave out all but one.")
        }
    }

    var prompt: TerminalPrompt { TerminalPrompt(noInput: noInput) }

    /// For what may be asked without a terminal too: passwords and recovery keys.
    var person: PersonPrompt { PersonPrompt(noInput: noInput) }

    /// Opens the vault with what the options give, or asks.
    ///
    /// Where the agent holds it, nobody is asked, unless something to open it with was given.
    func open(isDryRun: Bool = false) throws -> any Session {
        if let session = try agentSession(isDryRun: isDryRun) { return session }
        let session = try openLocal(isDryRun: isDryRun)
        if passwordFD == nil, recoveryKeyFD == nil, !asksRecoveryKey { UnlockedVault.offer() }
        return session
    }

    /// The vault in the agent; nil where no agent holds it, or something to open it with was given.
    func agentSession(isDryRun: Bool = false) throws -> AgentSession? {
        guard passwordFD == nil, recoveryKeyFD == nil, !asksRecoveryKey else { return nil }
        let session = try UnlockedVault.session(
            Places.vault(vault), isDryRun: isDryRun, proveAgain: { () throws(VaultError) in try proveAgain() },
            reopen: { () throws(VaultError) in try reopen() })
        if let session { session.afterSave = afterSave(session) }
        return session
    }

    /// The same in this process, for what only the holder of the keys can do.
    func openLocal(isDryRun: Bool = false) throws -> LocalSession {
        try openWithCredential(isDryRun: isDryRun).session
    }

    /// The credential that opened it is returned too, for commands that make a key slot or a new vault of it.
    ///
    /// `path` is another file of this vault, a backup for instance. A file that is older than what this machine has seen
    /// is refused, unless `acceptsOlder`.
    func openWithCredential(
        at path: String? = nil, acceptsOlder: Bool = false, acceptsOlderEpoch: Bool = false, isDryRun: Bool = false
    ) throws -> (session: LocalSession, credential: Credential) {
        let (vault, credential) = try openVault(at: path)
        let session = try session(
            of: vault, isOther: path != nil, acceptsOlder: acceptsOlder, acceptsOlderEpoch: acceptsOlderEpoch,
            isDryRun: isDryRun)
        return (session, credential)
    }

    /// The session of a vault that has been opened. `isOther` tells a backup or the like from the vault itself.
    /// With `isDryRun` nothing is written that this machine remembers.
    func session(
        of opened: OpenVault, isOther: Bool = false, acceptsOlder: Bool = false, acceptsOlderEpoch: Bool = false,
        isDryRun: Bool = false
    ) throws -> LocalSession {
        let machine = try Self.machine(isKept: !isDryRun)
        let session = LocalSession(vault: opened, author: Self.author(machine), machine: machine)
        if !isOther {
            try remember(session, acceptsOlder: acceptsOlder, acceptsOlderEpoch: acceptsOlderEpoch, isDryRun: isDryRun)
        }
        VaultWarnings.say(VaultNotes(opened))
        return session
    }

    /// What this machine remembers of the vault at `path`; nil where there is no home to keep it in.
    func memory(of keys: KeyHierarchy, at path: String) throws -> VaultMemory? {
        try Places.state().map { folder in
            VaultMemory(
                stateFolder: folder, keys: keys, vaultPath: Folder.resolved(path) ?? path, nowSeconds: Self.now)
        }
    }

    private func remember(_ session: LocalSession, acceptsOlder: Bool, acceptsOlderEpoch: Bool, isDryRun: Bool) throws {
        guard let memory = try memory(of: session.vault.keys, at: session.vault.path) else { return }
        // A file that is only looked at need not be remembered: it may be a copy on a stick.
        memory.startsWhenReading = vault == nil
        memory.isReadOnly = isDryRun
        if memory.isUnreadable {
            Output.message(
                "coffer: warning: what this machine remembered of the vault cannot be read; it starts to remember anew."
            )
        }
        session.vault.memory = memory
        try session.vault.checkAgainstMemory(acceptsOlder: acceptsOlder, acceptsOlderEpoch: acceptsOlderEpoch)
        session.afterSave = afterSave(session)
    }

    private func afterSave(_ session: any Session) -> ([LongHistory]) -> Void {
        { [weak session] longHistories in
            for history in longHistories { Self.warn(of: history) }
            if let session { AutomaticSync.run(session) }
        }
    }

    /// The vault key, from the person: for what is not done with an unlocked vault alone.
    private func proveAgain() throws(VaultError) -> SecretBytes {
        try inTheMiddle(else: { .tooManyReads(path: $0) }) {
            try openVault(at: nil, because: "The secrets of 30 entries were read within a minute.").0.keys
                .copyVaultKey()
        }
    }

    /// The vault in this process, where the agent has locked it in the middle of a command: what was typed is not lost.
    private func reopen() throws(VaultError) -> LocalSession {
        try inTheMiddle(else: { .lockedMeanwhile(path: $0) }) {
            if person.isAvailable { Output.message("The vault was locked meanwhile.") }
            return try openLocal()
        }
    }

    /// Asks in the middle of a request, which fails with errors of the vault alone: `absence` where nobody can be asked. Ctrl-C
    /// and the like are kept to be told as what they are.
    private func inTheMiddle<Result: ~Copyable>(
        else absence: (String) -> VaultError, _ ask: () throws -> Result
    ) throws(VaultError) -> Result {
        do {
            return try ask()
        } catch let error as VaultError {
            throw error
        } catch {
            if case .cannotAsk? = error as? CLIError {} else { Reasking.refusal.withLock { $0 = error as? CLIError } }
            throw absence((try? Places.vault(vault)) ?? "")
        }
    }

    private static func warn(of history: LongHistory) {
        Output.message(
            "coffer: warning: \(Shown.text(history.title)) has \(history.versionCount) edits, of which some forty bytes each stay for ever;"
                + " make a new entry in its place before it is full.")
    }

    /// `reason` is said before a password is asked for though the agent holds the vault.
    private func openVault(
        at path: String?,
        because reason: String = "The vault is unlocked; this asks for the master password all the same."
    ) throws -> (OpenVault, Credential) {
        let path = try pathWithHeader(path ?? Places.vault(vault))
        if let credential = try givenCredential() { return (try Self.open(path, credential), credential) }
        if !asksRecoveryKey, UnlockedVault.isHeld(path) {
            guard person.isAvailable else { throw CLIError.cannotAsk(.unlockedAlready) }
            Output.message(reason)
        }
        // A recovery key has a checksum, so a wrong one is not a slip of the finger.
        var slipsLeft = asksRecoveryKey ? 0 : Self.slipsMaximum
        var slip: String?
        while slipsLeft > 0 {
            let opened = try withAskedCredential(path: path, slip: slip) { credential in
                try openUnlessWrong(path, credential).map { ($0, credential) }
            }
            if let opened { return opened }
            slipsLeft -= 1
            slip = "That password does not open the vault. Try again."
            Output.message("That password does not open the vault. Try again.")
        }
        return try withAskedCredential(path: path, slip: slip) { (try Self.open(path, $0), $0) }
    }

    /// Opens the first of several files of one vault that what is given opens: they may have different passwords.
    ///
    /// `name` is what the question calls them.
    func openFirst(_ paths: [String], name: String? = nil) throws -> (OpenVault, Credential) {
        try requireKeyFile(paths[0])
        let shownName = name ?? paths[0]
        func open(_ credential: Credential) throws -> (OpenVault, Credential) {
            do {
                return (try OpenVault.openFirst(paths, credential), credential)
            } catch {
                throw Self.refusal(error, credential, path: shownName)
            }
        }
        if let credential = try givenCredential() { return try open(credential) }
        return try withAskedCredential(path: shownName, open)
    }

    private static func open(_ path: String, _ credential: Credential) throws -> OpenVault {
        do {
            return try OpenVault.open(path, credential)
        } catch {
            throw refusal(error, credential, path: path)
        }
    }

    /// The same refusal in the words of what was given.
    private static func refusal(_ error: VaultError, _ credential: Credential, path: String) -> any Error {
        guard case .wrongPassword = error else { return error }
        return credential.kind == .recoveryKey
            ? CLIError.wrongRecoveryKey(path: path) : VaultError.wrongPassword(path: path)
    }

    private func openUnlessWrong(_ path: String, _ credential: Credential) throws -> OpenVault? {
        do {
            return try OpenVault.open(path, credential)
        } catch {
            guard case .wrongPassword = error else { throw error }
            return nil
        }
    }

    /// The file's real path; a file that is no vault is refused before anybody is asked for a password.
    private func pathWithHeader(_ path: String) throws -> String {
        let real = Folder.resolved(path) ?? path
        try requireKeyFile(real)
        return real
    }

    /// Says that a key file is needed before a derivation would only say that the password is wrong.
    func requireKeyFile(_ path: String) throws {
        let container = try Container.open(path)
        let slots = container.header.slots.map(\.parameters).filter { $0.role == .password }
        let isRecovery = asksRecoveryKey || recoveryKeyFD != nil
        // The settings are read only where all slots ask for a key file.
        guard isRecovery || slots.isEmpty || !slots.allSatisfy({ $0.flags.contains(.keyFile) }) || presentKeyFile != nil
        else {
            throw CLIError.keyFileMissing(path: path)
        }
    }

    /// What opens the vault, as the options give it or the terminal.
    func credential() throws -> Credential {
        if let credential = try givenCredential() { return credential }
        return try withAskedCredential(path: try Places.vault(vault)) { $0 }
    }

    private func givenCredential() throws -> Credential? {
        if let recoveryKeyFD {
            let input = try SecretInput(descriptor: recoveryKeyFD, option: "--recovery-key-fd")
            return try Self.recoveryCredential(try input.readLine())
        }
        guard let passwordFD else { return nil }
        let input = try SecretInput(descriptor: passwordFD, option: "--password-fd")
        return try passwordCredential(try input.readLine())
    }

    /// Asks, and hides what is typed until `use` has opened something: that takes about a second.
    private func withAskedCredential<Result>(
        path: String, slip: String? = nil, _ use: (Credential) throws -> Result
    ) throws -> Result {
        if asksRecoveryKey {
            return try person.askSecret(
                prompt: "Recovery key: ", label: "Recovery key:", or: .recoveryKey, what: "The recovery key"
            ) { try use(try Self.recoveryCredential($0)) }
        }
        return try person.askSecret(prompt: "Master password for \(Shown.text(path)): ", slip: slip) {
            try use(try passwordCredential($0))
        }
    }

    private func passwordCredential(_ typed: borrowing SecretBytes) throws -> Credential {
        let file = try presentKeyFile.map { try KeyFile(path: $0) }
        return Credential(password: try MasterPassword(typed.span), keyFile: file)
    }

    /// `--key-file`, else the one that this machine's settings name and that is there.
    var presentKeyFile: String? {
        if let keyFile { return keyFile }
        guard let path = (try? Settings.keyFile) ?? nil, (try? Folder.status(path)) != nil else { return nil }
        return path
    }

    /// The key file that goes with a new password of a vault that needs one.
    func requiredKeyFile() throws -> KeyFile {
        guard let path = presentKeyFile else {
            throw VaultError.refused(
                why: "this vault's password goes with a key file; nothing was changed",
                remedy: "Name it with --key-file, or give it up with coffer passwd --drop-key-file.")
        }
        return try KeyFile(path: path)
    }

    private static func recoveryCredential(_ typed: borrowing SecretBytes) throws -> Credential {
        Credential(recoveryKey: try RecoveryKey.parse(typed.span))
    }

    static func author(_ machine: Machine) -> Author {
        Author(machineLabel: machine.label, random: SystemRandom(), nowSeconds: Self.now)
    }

    static func machine(named name: String? = nil, isKept: Bool = true) throws -> Machine {
        try Machine.load(stateFolder: try Places.state(), name: name, isKept: isKept, random: SystemRandom())
    }

    /// Seconds since 1970; a clock before that reads as 0.
    static let now: @Sendable () -> UInt64 = { UInt64(max(0, time(nil))) }
}
