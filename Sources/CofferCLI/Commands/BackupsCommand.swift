/// `coffer backups`: earlier states of the vault file, and the way back to one.
import ArgumentParser
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferModel
import CofferVault

struct BackupsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backups", abstract: "List earlier states of the vault, and bring one back.",
        discussion: """
            Every save keeps the file it replaces: the last ten, and then one a day for thirty days. They open with the \
            passwords and keys of their time.

            Examples:
              coffer backups
              coffer backups restore 12
            """,
        subcommands: [List.self, Restore.self, BackupsPruneCommand.self], defaultSubcommand: List.self)

    /// The backups of the vault that `option` or the environment names.
    static func backups(_ option: String?) throws -> Backups {
        let path = try Places.vault(option)
        return Backups(ofVault: Folder.resolved(path) ?? path)
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the backups, newest first (the default).",
            discussion: "Example:\n  coffer backups list --json")

        @Option(help: ArgumentHelp("The vault (else $COFFER_VAULT, else the default place).", valueName: "file"))
        var vault: String?

        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            let backups = try backups(vault)
            let list = try backups.listAll()
            if json { return try Self.printJSON(list) }
            var table = Table(["number", "replaced", "bytes", "file"], for: .standard)
            for backup in list {
                table.cell(String(backup.number))
                table.cell(UTCTime(clampingUnixSeconds: backup.replacedAtSeconds).text)
                table.cell(String(backup.sizeCount))
                // A person sees the folder once; a path that is cut is of no use.
                table.cell(Output.standard.isTerminal ? Folder.name(of: backup.path) : backup.path)
            }
            if list.isEmpty {
                return Output.message(
                    "There are no backups in \(Shown.text(backups.folder)): the next change makes one.")
            }
            try table.write()
            if Output.standard.isTerminal { Output.message("In \(Shown.text(backups.folder))") }
        }

        private static func printJSON(_ list: [Backup]) throws {
            var json = JSONWriter(PrivateBuilder(capacity: 256 + list.count * 256))
            json.beginArray()
            for backup in list {
                json.beginObject()
                json.member("number", backup.number)
                json.member("replaced", unixSeconds: backup.replacedAtSeconds)
                json.member("bytes", backup.sizeCount)
                json.member("path", backup.path)
                json.endObject()
            }
            json.endArray()
            let text = json.finish()
            try Output.standard.write(text.span)
        }
    }

    struct Restore: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "restore", abstract: "Bring back what a backup holds.",
            discussion: """
                Every entry that was live then gets the values it had; entries that were thrown away or purged since come \
                back. What came later stays: it goes to the history where a value is replaced. Used backup codes stay used. Of \
                an entry that was purged the vault no longer knows its uses: what the other backups tell of them is kept, \
                and the rest is said.

                With --replace, the backup file itself takes the vault's place, with the password of its time and without \
                anything newer. The present file, damaged or not, becomes a backup first.

                Examples:
                  coffer backups restore 12
                  coffer backups restore 12 --replace
                """)

        @OptionGroup var vaultOptions: VaultOptions

        @Argument(help: "The number that coffer backups shows.")
        var number: Int

        @Flag(help: "Put the backup file itself in the vault's place.")
        var replace = false

        @Flag(name: .shortAndLong, help: "Do not ask before replacing.")
        var yes = false

        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            let backups = try backups(vaultOptions.vault)
            let list = try backups.listAll()
            guard let backup = list.first(where: { $0.number == number }) else {
                throw VaultError.notFound(what: "backup \(number)", near: list.prefix(3).map { String($0.number) })
            }
            if replace { return try putBack(backup, backups) }
            let session = try vaultOptions.openLocal()
            let restored = try session.restore(backup)
            if json { try printJSON(restored) } else { try print(restored) }
        }

        // MARK: The file

        private func putBack(_ backup: Backup, _ backups: Backups) throws {
            let when = UTCTime(clampingUnixSeconds: backup.replacedAtSeconds).text
            // The backup may have another password than the vault, and the vault may not open at all.
            let opened = try vaultOptions.openWithCredential(at: backup.path).session.vault
            if !yes {
                let isMeant = try vaultOptions.prompt.confirm(
                    prompt:
                        "Put the vault back to what it was until \(when)? What came later stays only in the backups.",
                    consequence: "This puts the vault back to what it was until \(when).")
                guard isMeant else { throw CLIError.declined }
            }
            let memory = try vaultOptions.memory(of: opened.keys, at: Places.vault(vaultOptions.vault))
            try backups.putBack(backup, opened, memory: memory, nowSeconds: VaultOptions.now())
            let count = opened.recordCount
            if json {
                var json = JSONWriter(PrivateBuilder(capacity: 256))
                json.beginObject()
                json.member("number", backup.number)
                json.member("replaced", true)
                json.member("entries", count)
                json.endObject()
                let text = json.finish()
                try Output.standard.write(text.span)
            }
            Output.message(
                "The vault is what it was until \(when): \(count == 1 ? "1 entry" : "\(count) entries"). "
                    + "The file that was there is the newest backup now.")
        }

        // MARK: The values

        private func print(_ restored: [RestoredEntry]) throws {
            guard !restored.isEmpty else {
                return Output.message("Everything in backup \(number) is as it was; nothing was changed.")
            }
            var table = Table(["entry", "brought back"], for: .standard, rowsExpected: restored.count)
            for entry in restored {
                table.cell(entry.title)
                table.cell(entry.isAdded ? "the whole entry" : entry.fields.joined(separator: ", "))
            }
            try table.write()
            Output.message(
                "Brought back from backup \(number): \(restored.count == 1 ? "1 entry" : "\(restored.count) entries"). "
                    + "The values that were replaced are in the history: coffer history TITLE")
            for entry in restored where entry.mayHaveForgottenUses {
                Output.message(
                    "coffer: warning: the vault had forgotten \(Shown.text(entry.title)): codes and counters are where the"
                        + " backups that are left say, and what was used after those looks unused."
                        + " Mark used codes: " + Shown.command("codes mark-used", entry.title))
            }
        }

        private func printJSON(_ restored: [RestoredEntry]) throws {
            var json = JSONWriter(PrivateBuilder(capacity: 256 + restored.count * 256))
            json.beginObject()
            json.member("number", number)
            json.member("replaced", false)
            json.key("restored")
            json.beginArray()
            for entry in restored {
                json.beginObject()
                json.member("id", entry.id.hexadecimal)
                json.member("title", entry.title)
                json.member("fields", entry.fields)
                json.member("added", entry.isAdded)
                json.member("forgotten", entry.mayHaveForgottenUses)
                json.endObject()
            }
            json.endArray()
            json.endObject()
            let text = json.finish()
            try Output.standard.write(text.span)
        }
    }
}
