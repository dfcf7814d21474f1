/// `coffer rotate`: a new vault key, when a machine is lost.
import ArgumentParser
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferModel
import CofferVault

struct RotateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Make a new vault key and seal everything again: when a machine is lost.",
        discussion: """
            Makes a new vault key and a new recovery key, and, with --lost, a new master password. Whoever has the lost \
            machine reads nothing that is written from now on. What it could read before it still can: --todo lists those \
            passwords, until they are changed. The other machines take the new key over with coffer sync \
            --accept-rotation.

            Examples:
              coffer rotate --lost laptop --kit ~/coffer-recovery.txt
              coffer rotate --todo
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var newPassword: NewPasswordOptions
    @OptionGroup var kdfOptions: KDFOptions

    @Option(help: ArgumentHelp("The machine that is lost, as coffer sync status shows it.", valueName: "machine"))
    var lost: String?

    @Option(help: ArgumentHelp("Write the new recovery sheet to this new file.", valueName: "file"))
    var kit: String?

    @Flag(name: .customLong("no-recovery-key"), help: "Make no recovery key: a forgotten password is final.")
    var noRecoveryKey = false

    @Flag(name: .customLong("prune-backups"), help: "Delete the backups, which the old password opens.")
    var pruneBackups = false

    @Flag(help: "List what the lost machine could read and is not changed yet.")
    var todo = false

    @Flag(help: "With --todo: give the list up.")
    var clear = false

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @Flag(help: "With --todo: print JSON.")
    var json = false

    func validate() throws {
        guard kit == nil || !noRecoveryKey else {
            throw CLIError.usage(
                why: "The options --kit and --no-recovery-key exclude each other.", remedy: "Leave one out.")
        }
        guard todo || !(clear || json) else {
            throw CLIError.usage(why: "The options --clear and --json go with --todo.", remedy: "Add --todo.")
        }
        let rotates = lost != nil || kit != nil || noRecoveryKey || pruneBackups || newPassword.newPasswordFD != nil
        guard !todo || !rotates else {
            throw CLIError.usage(
                why: "The option --todo lists and rotates nothing.", remedy: "Leave the other options out.")
        }
    }

    func run() throws {
        if todo { return try runTodo() }
        let prompt = vaultOptions.prompt
        guard kit != nil || noRecoveryKey || prompt.isAvailable else {
            throw CLIError.cannotAsk(
                .value(what: "the recovery key to be written down", option: "--kit FILE or --no-recovery-key"))
        }
        let (session, credential) = try vaultOptions.openWithCredential()
        if let kit { try OwnNames.refuse(kit, besideVault: session.vault.path) }
        guard lost != session.machine.label else {
            throw VaultError.refused(
                why: "that is this machine itself; nothing was changed",
                remedy: "Run it on a machine that you have, and name the one that is lost.")
        }
        if let kit, let place = session.syncPlace { try SharedFolder.refuse(kit, "a recovery sheet", in: place) }
        try syncBefore(session)
        let lostFile = try lost.flatMap { try replica(of: $0, session) }
        try confirm(prompt)

        let next = try nextCredential(credential, session)
        let kdf = try kdfOptions.makeKDF(
            present: session.vault.registry.live(.password).first?.slot.parameters.kdf.name ?? KDFOptions.defaultName)
        let rotated = try rotate(session, next, kdf)
        let after = try vaultOptions.session(of: rotated)
        if let lost, let place = after.syncPlace { removeReplica(lostFile, of: lost, place) }
        Output.message(
            "\(Shown.text(rotated.path)) has a new vault key (epoch \(rotated.keys.context.epoch)); everything is sealed again."
        )
        if let kit { Output.message("The recovery sheet is \(Shown.text(kit)). Print it, then delete the file.") }
        if after.syncPlace != nil { sync(after) }
        if lost != nil { try sayTodo(after) }
        try BackupPruning(
            backups: Backups(ofVault: rotated.path).list(),
            fault: (
                "beside the vault still opens with the old password",
                "beside the vault still open with the old password"
            ),
            remedy: "To delete them: coffer backups prune"
        ).run(isWanted: pruneBackups, asksNothing: yes, prompt)
    }

    private func runTodo() throws {
        let session = try vaultOptions.open()
        if clear && !yes {
            let isMeant = try vaultOptions.prompt.confirm(
                prompt: "Give the list up, on every machine?",
                consequence: "That would give the list up; nothing was changed.")
            guard isMeant else { throw CLIError.declined }
        }
        try RotationTodo(isJSON: json, clears: clear).run(session)
    }

    /// What the others have published so far comes along. Nothing in the folder may keep a person from answering a loss.
    private func syncBefore(_ session: LocalSession) throws {
        guard session.syncPlace != nil else { return }
        do {
            SyncText(report: try session.performSync(nil), isDryRun: false).sayNews(session)
        } catch {
            guard lost != nil else { throw error }
            Output.message("coffer: warning: not synced before. \(ErrorReport(error).sentencesAfterSaving)")
        }
    }

    /// The lost machine's file. A machine that has none is told of before anything is asked: it may be mistyped.
    private func replica(of lost: String, _ session: LocalSession) throws -> (name: String, stamp: FileStamp)? {
        do {
            return try session.mergedReplica(named: lost)
        } catch {
            guard case .notFound(_, let known) = error else { throw error }
            if session.syncPlace != nil {
                Output.message(
                    "coffer: warning: no machine \(Shown.text(lost)) is known in the shared folder. Known are:"
                        + " \(known.map { Shown.text($0) }.joined(separator: ", ")).")
            }
            return nil
        }
    }

    private func confirm(_ prompt: TerminalPrompt) throws {
        guard !yes else { return }
        let isMeant = try prompt.confirm(
            prompt: "Make a new vault key? The other machines must take it over before they can sync again.",
            consequence:
                "That would make a new vault key, which the other machines must take over; nothing was changed.")
        guard isMeant else { throw CLIError.declined }
    }

    /// A machine whose file is not there, or not known, has nothing to be removed.
    private func removeReplica(_ file: (name: String, stamp: FileStamp)?, of lost: String, _ place: SyncPlace) {
        guard let file else { return }
        do {
            try LocalSession.remove(file.name, asMerged: file.stamp, from: place)
        } catch {
            Output.message(
                "coffer: warning: the file of \(Shown.text(lost)) stays in the shared folder: \(ErrorReport(error).sentences)"
            )
        }
    }

    /// The new master password where one is given or a machine is lost; the present one otherwise.
    private func nextCredential(_ present: Credential, _ session: LocalSession) throws -> Credential {
        let needsKeyFile = session.vault.registry.live(.password).contains {
            $0.slot.parameters.flags.contains(.keyFile)
        }
        guard newPassword.newPasswordFD != nil || lost != nil || present.kind != .password else { return present }
        if lost != nil && newPassword.newPasswordFD == nil {
            Output.message(
                "Whoever has \(Shown.text(lost ?? "")) may find out the present master password: choose another one.")
        }
        let keyFile = needsKeyFile ? try vaultOptions.requiredKeyFile() : nil
        if keyFile != nil && lost != nil {
            Output.message(
                "The key file was on that machine too. Make a new one afterwards: coffer keys --add-key-file FILE")
        }
        return Credential(password: try newPassword.read(vaultOptions.person), keyFile: keyFile)
    }

    /// The recovery key counts before the vault has it, and its sheet is taken back if the vault gets none.
    private func rotate(_ session: LocalSession, _ credential: Credential, _ kdf: SlotKDF) throws -> OpenVault {
        let (vault, author) = (session.vault, session.author)
        guard !noRecoveryKey else {
            let keys = try NewKeys.make(after: vault, credential, kdf: kdf, recovery: nil, author: author)
            return try session.rotate(to: keys, lost: lost)
        }
        let recoveryKey = RecoveryKey.make(random: author.random)
        let keys = try NewKeys.make(
            after: vault, credential, kdf: kdf, recovery: Credential(recoveryKey: recoveryKey), author: author)
        let sheet = RecoveryKit(vaultPath: vault.path, createdSeconds: author.nowSeconds())
        guard let kit else {
            try sheet.show(recoveryKey, vaultOptions.prompt, random: author.random)
            return try session.rotate(to: keys, lost: lost)
        }
        try sheet.write(recoveryKey, to: kit)
        do {
            return try session.rotate(to: keys, lost: lost)
        } catch {
            if !error.leavesNewState { try? Folder.remove(kit) }
            throw error
        }
    }

    // MARK: Afterwards

    private func sync(_ session: LocalSession) {
        do {
            SyncText(report: try session.performSync(nil), isDryRun: false).say(session)
        } catch {
            Output.message(
                "coffer: warning: the new key is saved here, and not synced. \(ErrorReport(error).sentencesAfterSaving)"
            )
        }
        Output.message("On every other machine: coffer sync --accept-rotation")
    }

    private func sayTodo(_ session: LocalSession) throws {
        guard let exposed = try session.exposedEntries(), !exposed.entries.isEmpty else { return }
        let (machine, entries) = (exposed.lost, exposed.entries)
        Output.message(
            "\(Shown.text(machine)) could read the secrets of \(entries.count == 1 ? "1 entry" : "\(entries.count) entries")."
                + " Change them where they belong; what is left: coffer rotate --todo")
    }
}
