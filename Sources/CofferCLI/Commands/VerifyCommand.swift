/// `coffer verify`: is the file whole, and what can be saved of one that is not.
import ArgumentParser
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferModel
import CofferVault

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check that the vault file is whole; rescue entries of a damaged one.",
        discussion: """
            Checks header, index and the sealed bytes of every entry; with --deep, every entry is opened as well. All damage \
            is named, and the status is 4 if there is any.

            With --salvage, every intact entry of the file is written into a new vault, which has a key, key slots and a \
            recovery key of its own; the damaged file stays as it is. The new vault opens with the password that was given \
            (and its key file), or with --new-password-fd.

            Examples:
              coffer verify --deep
              coffer verify --salvage ~/rescued.coffer
            """)

    @OptionGroup var vaultOptions: VaultOptions

    @Flag(help: "Open every entry too.")
    var deep = false

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: ArgumentHelp("Write the intact entries into this new vault.", valueName: "out"))
    var salvage: String?

    @OptionGroup(title: "Options of --salvage") var salvageOptions: SalvageOptions

    func validate() throws {
        guard salvage != nil || !salvageOptions.isUsed else {
            throw CLIError.usage(
                why: "Options about a new vault go with --salvage only.", remedy: "See: coffer help verify")
        }
        guard salvage == nil || !deep else {
            throw CLIError.usage(
                why: "The options --deep and --salvage exclude each other.",
                remedy: "What is salvaged is opened in any case.")
        }
    }

    func run() throws {
        guard let salvage else { return try verify() }
        let report = try salvageOptions.run(vaultOptions, to: salvage)
        if json { try report.printJSON() } else { try report.print() }
    }

    // MARK: Verifying

    private func verify() throws {
        // Opening has verified the header and the index; what follows is what they vouch for.
        let vault: OpenVault
        do {
            vault = try vaultOptions.openLocal().vault
        } catch let error as VaultError {
            if json, case .damaged(_, let place) = error { try printJSON(damagedPart: place) }
            throw error
        }
        let records = vault.records
        var damaged: [(name: String, id: EntryID)] = []
        for position in records.indices {
            do {
                try vault.verifyBox(at: position)
                if deep { try open(position, vault) }
            } catch {
                guard case .damaged = error else { throw error }
                damaged.append((Self.title(position, vault), records[position].id))
            }
        }
        if json { try printJSON(records.count, damaged) }
        for entry in damaged {
            Output.message("coffer: damaged: \(Shown.text(entry.name)) (entry id:\(entry.id.hexadecimal.prefix(8)))")
        }
        guard damaged.isEmpty else {
            throw VaultError.damaged(path: vault.path, place: "\(damaged.count) of \(records.count) entries")
        }
        if !json { try Output.standard.print(Self.sentence(records.count, isDeep: deep)) }
    }

    private func open(_ position: Int, _ vault: OpenVault) throws(VaultError) {
        _ = try vault.entry(at: position)
        // Each may be whole and both contradict each other.
        if try vault.group(at: position).count > 1 { _ = try vault.shownEntry(at: position) }
    }

    private static func sentence(_ count: Int, isDeep: Bool) -> String {
        let entries = count == 1 ? "1 entry" : "\(count) entries"
        return "ok: header, index and \(entries)" + (isDeep ? ", all opened" : "")
    }

    private static func title(_ position: Int, _ vault: OpenVault) -> String {
        (try? vault.overview(vault.records[position]).title) ?? "an entry without a title"
    }

    /// Nothing is known of the entries where header or index are damaged.
    private func printJSON(damagedPart: String) throws {
        var json = JSONWriter(PrivateBuilder(capacity: 256))
        json.beginObject()
        json.member("ok", false)
        json.key("entries")
        json.null()
        json.member("deep", deep)
        json.key("damaged")
        json.beginArray()
        json.endArray()
        json.member("part", damagedPart)
        json.endObject()
        let text = json.finish()
        try Output.standard.write(text.span)
    }

    private func printJSON(_ count: Int, _ damaged: [(name: String, id: EntryID)]) throws {
        var json = JSONWriter(PrivateBuilder(capacity: 1024))
        json.beginObject()
        json.member("ok", damaged.isEmpty)
        json.member("entries", count)
        json.member("deep", deep)
        json.key("damaged")
        json.beginArray()
        for entry in damaged {
            json.beginObject()
            json.member("id", entry.id.hexadecimal)
            json.member("title", entry.name)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        let text = json.finish()
        try Output.standard.write(text.span)
    }
}
