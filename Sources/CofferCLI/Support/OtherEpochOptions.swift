/// Opens files of this vault that have another vault key than the vault (docs/sync.md, "Rotation").
import ArgumentParser
import CofferFormat
import CofferMemory
import CofferVault

struct OtherEpochOptions: ParsableArguments {
    @Option(
        name: .customLong("other-password-fd"),
        help: ArgumentHelp("Read the master password of the other key epoch from this descriptor.", valueName: "n"))
    var otherPasswordFD: Int?

    /// The files among `paths` that have another epoch than the vault at `vaultPath`, told by their headers alone.
    func others(_ paths: [String], vaultPath: String, _ vaultOptions: VaultOptions) throws -> [String] {
        let own = try Container.open(vaultPath).header
        let canAsk = otherPasswordFD != nil || vaultOptions.person.isAvailable
        // With its own password a file of the same epoch opens as well whose vault key another machine made at the same time.
        return paths.filter { path in
            guard let header = (try? Container.open(path))?.header else { return false }
            let isOtherKey = header.epochCheck != own.epochCheck
            return header.context.vaultID == own.context.vaultID
                && (header.context.epoch != own.context.epoch || isOtherKey && canAsk)
        }
    }

    /// The files among `paths` that have another epoch, opened, and the others.
    func split(
        _ paths: [String], _ session: LocalSession, _ vaultOptions: VaultOptions
    ) throws -> (others: [OpenVault], same: [String]) {
        let others = try others(paths, vaultPath: session.path, vaultOptions)
        guard !others.isEmpty else { return ([], paths) }
        let opened = try withOwnCredential(others[0], vaultOptions) { credential in
            try others.map { try OpenVault.open($0, credential) }
        }
        return (opened, paths.filter { !others.contains($0) })
    }

    /// The first of `paths`, with the present password if that opens it; else the first that opens with the password of its
    /// own epoch.
    func open(
        _ paths: [String], _ present: Credential, _ vaultOptions: VaultOptions
    ) throws -> (vault: OpenVault, isOpenedByPresent: Bool) {
        try vaultOptions.requireKeyFile(paths[0])
        if otherPasswordFD == nil, let vault = try? OpenVault.open(paths[0], present) { return (vault, true) }
        return (try withOwnCredential(paths[0], vaultOptions) { try OpenVault.openFirst(paths, $0) }, false)
    }

    private func withOwnCredential<Result>(
        _ path: String, _ vaultOptions: VaultOptions, _ use: (Credential) throws -> Result
    ) throws -> Result {
        let keyFile = try vaultOptions.presentKeyFile.map { try KeyFile(path: $0) }
        if let otherPasswordFD {
            let line = try SecretInput(descriptor: otherPasswordFD, option: "--other-password-fd").readLine()
            return try use(Credential(password: try MasterPassword(line.span), keyFile: keyFile))
        }
        return try vaultOptions.person.askSecret(
            prompt: "Master password of the other key epoch, which opens \(Shown.text(path)): ",
            or: .value(what: "the master password of the other key epoch", option: "--other-password-fd"),
            what: "The master password"
        ) { try use(Credential(password: try MasterPassword($0.span), keyFile: keyFile)) }
    }
}
