/// Before a vault lies in a shared folder for the first time: what its password is worth there, and the offer of a key file
/// (docs/sync.md, "The key file").
import CofferFormat
import CofferMemory
import CofferVault

struct FirstSync {
    let vaultOptions: VaultOptions
    let isWeakPasswordAccepted: Bool

    /// Returns when the vault may be published: nothing is before the person has chosen.
    func check(_ session: LocalSession, _ credential: Credential, _ place: SyncPlace) throws {
        if let keyFile = vaultOptions.presentKeyFile { try SharedFolder.refuse(keyFile, "a key file", in: place) }
        let slots = session.vault.registry.live(.password).map(\.slot.parameters)
        let open = slots.filter { !$0.flags.contains(.keyFile) }
        guard let weakest = open.first else { return }
        // Of several passwords, which two machines set at once, only one was typed.
        guard slots.count == 1 || isWeakPasswordAccepted else {
            throw VaultError.refused(
                why:
                    "\(slots.count) master passwords open this vault, and what the others are worth is not known; nothing was"
                    + " published",
                remedy: "Choose one (coffer passwd), or pass --accept-weak-password.")
        }
        guard credential.kind == .password else {
            guard !isWeakPasswordAccepted else { return }
            throw VaultError.refused(
                why:
                    "what the master password is worth in a shared folder can only be told with it; nothing was published",
                remedy: "Open the vault with the master password for the first sync, or pass --accept-weak-password.")
        }
        let bits = credential.withSecret { PasswordWorth.bits($0) }
        let years = PasswordWorth.years(bits: bits, kdf: weakest.kdf)
        let time = Self.text(years: years)
        let estimate =
            "Whoever gets hold of the shared folder can guess at the master password there: one modern GPU takes \(time)."
        guard years < PasswordWorth.weakYears else { return Output.message(estimate) }
        guard !isWeakPasswordAccepted else {
            return Output.message("coffer: warning: \(estimate) Better: coffer keys --add-key-file FILE")
        }
        guard vaultOptions.prompt.isAvailable else {
            throw VaultError.refused(
                why:
                    "the master password alone would protect the vault in the shared folder for \(time) against one modern GPU;"
                    + " nothing was published",
                remedy:
                    "Add a key file that stays on your machines (coffer keys --add-key-file FILE), choose a stronger"
                    + " password (coffer passwd), or pass --accept-weak-password.")
        }
        Output.message(estimate)
        try ask(session, credential, place)
    }

    private func ask(_ session: LocalSession, _ credential: Credential, _ place: SyncPlace) throws {
        Output.message(
            "A key file, which stays on your machines and never enters the folder, ends that: the folder alone is worth"
                + " nothing then.")
        let absence = CLIError.Question.value(what: "the choice", option: "--accept-weak-password")
        while true {
            let answer = try vaultOptions.prompt.askLine(
                prompt: "k: make a key file · p: publish with the password alone · Enter: stop here? ", or: absence)
            switch answer.lowercased() {
            case "k": return try makeKeyFile(session, credential)
            case "p": return
            case "": throw CLIError.declined
            default: continue
            }
        }
    }

    private func makeKeyFile(_ session: LocalSession, _ credential: Credential) throws {
        let path = try Places.configuration() + "/vault.key"
        try Folder.makeParent(of: path)
        _ = try KeyFileSetup.add(path, session, credential)
        try Settings.set("key-file", path)
        Output.message(
            "Carry \(Shown.text(path)) to your other machines yourself, on a stick or with scp, not through the folder. There:"
                + " coffer config set key-file FILE, then coffer sync FOLDER --join")
    }

    /// `less than a minute`, `about 3 days`, `about 2 million years`.
    static func text(years: Double) -> String {
        let steps: [(Double, String)] = [
            (1e9, "billion years"), (1e6, "million years"), (1, "years"), (1 / 365.25, "days"), (1 / 8766.0, "hours"),
            (1 / 525_960.0, "minutes"),
        ]
        if years >= 1e12 { return "more than a trillion years" }
        guard let (size, unit) = steps.first(where: { years >= $0.0 }) else { return "less than a minute" }
        let count = Int(years / size)
        let isOne = count == 1 && !unit.contains(" ")
        return "about \(count) \(isOne ? String(unit.dropLast()) : unit)"
    }
}
