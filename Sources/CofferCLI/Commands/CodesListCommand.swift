/// `coffer codes list`: which backup codes there are, masked unless they are revealed.
import ArgumentParser
import CofferMemory
import CofferMerge
import CofferModel
import CofferVault

struct CodesListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List backup codes; they are masked.",
        discussion: """
            Prints for every code: the code, unused, used or retired, when it was used, and on which machine.

            --json prints an array of sets, the oldest first: set, state (active or retired), created, and codes, each \
            with used, used_at and used_by, and with code only if --reveal is given.

            Example:
              coffer codes list work/vk-cloud --reveal
            """, aliases: ["ls"])

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var entryOptions: EntryOptions

    @Flag(help: "Show the codes.")
    var reveal = false

    @Flag(help: "Print JSON; the codes only with --reveal.")
    var json = false

    func run() throws {
        let session = try vaultOptions.open()
        let entry = try session.find(entryOptions.query([.live, .trash]), reveal ? .everything : .nothing)
        let codes = BackupCodes(entry)
        try json ? printJSON(codes) : printRows(codes)
        guard !codes.sets.isEmpty else {
            let title = Shown.text(entry.title)
            return Output.message(
                "There are no backup codes for \(title). Add them: " + Shown.command("codes add", entryOptions.spoken))
        }
        CodesReport.sayLeft(codes.unusedCount, of: entry.title, spoken: entryOptions.spoken)
    }

    private func printRows(_ codes: BackupCodes) throws {
        let widest = codes.sets.flatMap(\.codes).map(\.text.count).max() ?? 0
        var text = SecretBuilder()
        for set in codes.active + codes.sets.filter(\.isRetired) {
            for code in Self.ordered(set) { appendRow(code, set, widest, to: &text) }
        }
        try Output.standard.write(text.span)
    }

    private func appendRow(_ code: BackupCode, _ set: BackupCodeSet, _ widest: Int, to text: inout SecretBuilder) {
        let isTerminal = Output.standard.isTerminal
        if reveal {
            Output.standard.append(code.text.span, to: &text)
            if isTerminal { text.append(spaces: widest - code.text.count) }
        } else {
            text.append(EntryCard.mask)
        }
        let state = code.isUsed ? "used" : set.isRetired ? "retired" : "unused"
        for cell in [state, CodeUse.time(code)?.text ?? "", CodeUse.machine(code)] {
            if isTerminal && cell.isEmpty { continue }
            text.append(isTerminal ? "  " : "\t")
            Output.standard.append(cell: cell.utf8Span.span, to: &text)
        }
        text.append(UInt8(ascii: "\n"))
    }

    private func printJSON(_ codes: BackupCodes) throws {
        var json = JSONWriter(SecretBuilder())
        json.beginArray()
        for set in codes.sets {
            json.beginObject()
            json.member("set", set.id.hexadecimal)
            json.member("state", set.isRetired ? "retired" : "active")
            json.member("created", unixSeconds: set.createdSeconds)
            json.key("codes")
            json.beginArray()
            for code in Self.ordered(set) { write(code, to: &json) }
            json.endArray()
            json.endObject()
        }
        json.endArray()
        let text = json.finish()
        try Output.standard.write(text.span)
    }

    private func write<Sink: ByteSink & ~Copyable>(_ code: BackupCode, to json: inout JSONWriter<Sink>) {
        json.beginObject()
        if reveal {
            json.key("code")
            json.value(code.text)
        }
        json.member("used", code.isUsed)
        json.key("used_at")
        if let time = CodeUse.time(code) { json.value(time.text) } else { json.null() }
        json.key("used_by")
        if code.isUsed { json.value(CodeUse.machine(code)) } else { json.null() }
        json.endObject()
    }

    /// Unused first, then in the order of use.
    private static func ordered(_ set: BackupCodeSet) -> [BackupCode] {
        set.codes.sorted { ($0.isUsed ? 1 : 0, $0.usedAtSeconds ?? 0) < ($1.isUsed ? 1 : 0, $1.usedAtSeconds ?? 0) }
    }
}
