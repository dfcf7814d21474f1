/// Reads what references point to.
import CofferMemory
import CofferModel
import CofferVault

struct ReferenceReader {
    let session: any Session
    let pick: FieldReader.Pick
    /// Whether a one-time code must be valid for long enough to be handed on; otherwise the one that is current is taken.
    var waitsForCodes = false

    func read(_ reference: Reference) throws -> SecretSlice {
        let entry = try session.find(EntryQuery(reference.title), FieldReader.disclosure(reference.field))
        if reference.field == "otp" && waitsForCodes { try waitForFreshCode(entry) }
        return try FieldReader(session: session, entry: entry, pick: pick).read(reference.field)
    }

    /// What a variable is to be.
    func value(_ setting: VariableSetting) throws -> SecretSlice {
        switch setting.value {
        case .text(let text): SecretSlice(copying: Array(text.utf8))
        case .reference(let reference): try read(reference)
        }
    }

    private func waitForFreshCode(_ entry: Entry) throws {
        let now = session.author.nowSeconds
        let query = EntryQuery("id:\(entry.id.hexadecimal)")
        let found = try session.oneTimeCode(query, picksNewest: pick == .newest, atSeconds: Int64(clamping: now()))
        guard case .code(let code) = found.state else { return }
        try FreshCodeWait.wait(toHandOn: code, now: now)
    }
}
