/// `coffer keys`: what opens the vault.
import ArgumentParser
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferMerge
import CofferModel
import CofferVault

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "List the key slots: what opens the vault.",
        discussion: """
            With --add-key-file, the master password opens the vault only together with that file, which is made if it is \
            not there. Keep it on the machines you trust and away from the vault's folder, and keep a copy of it.

            Examples:
              coffer keys
              coffer keys --add-key-file ~/.config/coffer/key
            """,
        aliases: ["slots"])

    @OptionGroup var vaultOptions: VaultOptions

    @Flag(help: "Print JSON.")
    var json = false

    @Option(
        name: .customLong("add-key-file"),
        help: ArgumentHelp("Require this file beside the master password.", valueName: "file"))
    var addKeyFile: String?

    func run() throws {
        let (session, credential) = try vaultOptions.openWithCredential()
        if let addKeyFile { _ = try KeyFileSetup.add(addKeyFile, session, credential) }
        let live = session.vault.registry.live
        if json { try printJSON(live) } else { try printTable(live) }
    }

    // MARK: Printing

    private func printTable(_ live: [SlotRegistry.Live]) throws {
        var table = Table(["opens by", "kdf", "cost", "key file", "made", "on", "id"], for: .standard)
        for key in live {
            let slot = key.slot.parameters
            table.cell(Self.name(slot.role) + (slot.flags.contains(.testKDF) ? " (test)" : ""))
            table.cell(slot.kdf.name)
            table.cell(slot.kdf.costText ?? "-")
            table.cell(slot.flags.contains(.keyFile) ? "yes" : "no")
            table.cell(UTCTime(clampingUnixSeconds: key.version.content?.atSeconds ?? 0).dateText)
            table.cell(key.version.content?.by ?? "")
            table.cell(String(slot.id.hexadecimal.prefix(8)))
        }
        try table.write()
    }

    private func printJSON(_ live: [SlotRegistry.Live]) throws {
        var json = JSONWriter(PrivateBuilder(capacity: 2048))
        json.beginArray()
        for key in live {
            let slot = key.slot.parameters
            json.beginObject()
            json.member("id", slot.id.hexadecimal)
            json.member("role", Self.name(slot.role))
            json.member("kdf", slot.kdf.name)
            switch slot.kdf {
            case .pbkdf2HMACSHA512(let iterations), .pbkdf2HMACSHA256(let iterations):
                json.member("iterations", Int(iterations))
            case .argon2id(let passes, let memoryKiB):
                json.member("passes", Int(passes))
                json.member("memory_kib", Int(memoryKiB))
            case .none: break
            }
            json.member("key_file", slot.flags.contains(.keyFile))
            json.member("test", slot.flags.contains(.testKDF))
            json.member("created", unixSeconds: key.version.content?.atSeconds ?? 0)
            json.member("machine", key.version.content?.by ?? "")
            json.endObject()
        }
        json.endArray()
        let text = json.finish()
        try Output.standard.write(text.span)
    }

    private static func name(_ role: KeySlotParameters.Role) -> String {
        switch role {
        case .password: "password"
        case .recovery: "recovery"
        }
    }
}
