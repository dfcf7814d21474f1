/// `coffer sync status`: who is in step with whom.
import ArgumentParser
import CofferMemory
import CofferVault

struct SyncStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the machines that share the vault, and how far each is.",
        discussion: """
            Nothing is changed. A machine whose files the folder withholds looks like one that is off: look at when it was \
            heard of last. Two machines that are in step show the same fingerprint.

            Example:
              coffer sync status
            """)

    @OptionGroup var vaultOptions: VaultOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let session = try vaultOptions.open(isDryRun: true)
        let status = try session.syncStatus()
        if json { return try printJSON(status, session) }
        try Output.standard.print("Folder: \(Shown.text(status.place.path))")
        try Output.standard.print("Fingerprint: \(FingerprintText.words(status.fingerprint))")
        var table = Table(["machine", "last change seen", "heard of", "ahead", "behind", "file"], for: .standard)
        for machine in status.machines {
            table.cell((machine.label.isEmpty ? "-" : machine.label) + (machine.isOwn ? " (this one)" : ""))
            table.cell(Self.time(machine.changedAtSeconds))
            table.cell(Self.time(machine.heardAtSeconds))
            table.cell(machine.aheadCount.map { String($0) } ?? "-")
            table.cell(machine.behindCount.map { String($0) } ?? "-")
            table.cell(machine.name + Self.note(machine))
        }
        try table.write()
        for file in status.skipped {
            Output.message("Skipped: \(Shown.text(file.name)), \(SyncText.text(file.reason)).")
        }
    }

    private static func note(_ machine: SyncedMachine) -> String {
        if machine.wentBack { return " (went back in time)" }
        if machine.isMissing { return " (gone)" }
        return machine.isBehindReceipt ? " (another state than its receipt's)" : ""
    }

    private static func time(_ seconds: UInt64) -> String {
        seconds == 0 ? "-" : UTCTime(clampingUnixSeconds: seconds).text
    }

    private func printJSON(_ status: SyncStatus, _ session: any Session) throws {
        var json = JSONWriter(PrivateBuilder(capacity: 2048))
        json.beginObject()
        json.member("place", status.place.path)
        json.member("fingerprint", FingerprintText.words(status.fingerprint))
        json.key("machines")
        json.beginArray()
        for machine in status.machines {
            json.beginObject()
            json.member("machine", machine.label)
            json.member("file", machine.name)
            json.member("own", machine.isOwn)
            json.key("changed")
            Self.write(machine.changedAtSeconds, to: &json)
            json.key("heard")
            Self.write(machine.heardAtSeconds, to: &json)
            json.key("ahead")
            if let count = machine.aheadCount { json.value(count) } else { json.null() }
            json.key("behind")
            if let count = machine.behindCount { json.value(count) } else { json.null() }
            json.member("went_back", machine.wentBack)
            json.member("behind_receipt", machine.isBehindReceipt)
            json.member("missing", machine.isMissing)
            json.endObject()
        }
        json.endArray()
        SyncText.writeMember(status.skipped, to: &json)
        json.endObject()
        let text = json.finish()
        try Output.standard.write(text.span)
    }

    /// A time, or null where there is none.
    private static func write(_ seconds: UInt64, to json: inout JSONWriter<PrivateBuilder>) {
        if seconds == 0 { json.null() } else { json.value(UTCTime(clampingUnixSeconds: seconds).text) }
    }
}
