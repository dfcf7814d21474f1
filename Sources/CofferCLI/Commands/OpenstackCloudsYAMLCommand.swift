/// `coffer openstack clouds-yaml`: the settings as OpenStack's own files.
import ArgumentParser
import CofferAgent
import CofferExchange
import CofferMemory
import CofferModel
import CofferVault

struct OpenstackCloudsYAMLCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clouds-yaml", abstract: "Print an entry as clouds.yaml; its secrets only when asked.",
        discussion: """
            What is printed holds no secret. With --secure the secrets go to a file secure.yaml that only you can read, in \
            the run-time folder, which lies in memory and is emptied when you log out; its place is said, for the variable \
            OS_CLIENT_SECURE_FILE.

            Examples:
              coffer openstack clouds-yaml work/vk-project >clouds.yaml
              coffer openstack clouds-yaml work/vk-project --secure --name prod
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions
    @OptionGroup var pickOptions: PickOptions

    @Option(help: ArgumentHelp("The cloud's name in the file (else the last part of the title).", valueName: "name"))
    var name: String?

    @Flag(help: "Write the secrets to a file in the run-time folder too.")
    var secure = false

    func run() throws {
        // Before the vault is opened: a missing folder is told at once.
        let folder = try secure ? RuntimeFolder.find(AgentEnvironment.runtimeFolder, isMade: true) : nil
        let session = try vaultOptions.open()
        let cloud = try CloudEntry(
            session, entryOptions.query(), secure ? .everything : CloudEntry.outline, pick: try pickOptions.pick)
        let settings = try named(cloud)
        // How one signs in is said in any case.
        let hidden = cloud.secretKeys.subtracting(["auth_type"])
        if let folder {
            guard let secrets = CloudText.secretPart(settings, alsoSecret: hidden) else {
                throw VaultError.notInEntry(what: "secret for a cloud", title: cloud.entry.title)
            }
            try write(secrets, to: "\(folder.path)/\(Self.fileName(settings.name, cloud.entry))")
        }
        let text = CloudText.publicPart(settings, alsoSecret: hidden)
        try Output.standard.write(text.span)
    }

    /// The settings that signing in takes, with the way to do it.
    private func named(_ cloud: CloudEntry) throws -> CloudSettings {
        let environment = try CloudEnvironment(cloud)
        let title = cloud.entry.title
        let name = name ?? title.split(separator: "/").last.map(String.init) ?? title
        guard !name.isEmpty, CloudSettings.isName(name) else {
            throw CLIError.usage(why: "That is no name for a cloud.", remedy: "Give it a short one with --name.")
        }
        var settings = CloudSettings(name: name)
        for (variable, text) in environment.fixed {
            let key = variable.dropFirst(CloudEnvironment.prefix.count).lowercased()
            settings.set(key, SecretSlice(copying: Array(text.utf8)))
        }
        for value in environment.settings { settings.set(value.key, value.text) }
        return settings
    }

    private func write(_ secrets: borrowing SecretBytes, to path: String) throws {
        // Of an earlier time; the folder is ours alone.
        try? Folder.remove(path)
        try SecretFile.create(path, secrets.span)
        Output.message(
            "Wrote the secrets to \(Shown.text(path)), where they stay until you log out. For this shell: export OS_CLIENT_SECURE_FILE=\(Shown.word(path))"
        )
    }

    /// One file a cloud: two of them are used side by side.
    private static func fileName(_ cloud: String, _ entry: Entry) -> String {
        let plain = cloud.map {
            $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") ? String($0) : "_"
        }.joined()
        return "secure-\(plain.prefix(64))-\(entry.id.hexadecimal.prefix(8)).yaml"
    }
}
