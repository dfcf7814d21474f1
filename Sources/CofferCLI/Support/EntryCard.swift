/// An entry as people see it: labels and values, secrets masked unless they are revealed.
import CofferMemory
import CofferMerge
import CofferModel
import CofferOTP
import CofferVault

struct EntryCard {
    /// As long for every secret, so that it does not tell how long one is.
    static let mask = "••••••••"

    let session: any Session
    let entry: Entry
    let isRevealed: Bool

    private struct Row {
        let label: String
        let value: SecretSlice
        var layout = Escaping.Layout.line
    }

    func print() throws {
        let rows = rows()
        var list = FieldList(labels: rows.map(\.label), for: .standard)
        for row in rows { list.field(row.label, row.value.span, layout: row.layout) }
        try list.write()
    }

    private func rows() -> [Row] {
        var rows = [Self.row("title", entry.title)]
        if entry.state == .trash { rows.append(Self.row("state", "in the trash")) }
        if let username = entry.username { rows.append(Self.row("username", username)) }
        rows += secret("password", .password)
        rows += entry.urls.map { Self.row("url", $0) }
        rows += entry.customFields(secret: false).map {
            Row(label: $0.name, value: accountTitle($0.name, $0.text) ?? $0.text)
        }
        rows += entry.customFields(secret: true).flatMap { secret($0.name, .custom($0.name)) }
        rows += oneTimePassword() + codes()
        if !entry.tags.isEmpty { rows.append(Self.row("tags", entry.tags.joined(separator: ", "))) }
        if let template = entry.template { rows.append(Self.row("template", template)) }
        rows += secret("notes", .notes, layout: .lines)
        rows.append(Self.row("modified", UTCTime(clampingUnixSeconds: entry.modifiedSeconds).text))
        rows.append(Self.row("id", "id:\(entry.id.hexadecimal.prefix(8))"))
        rows += entry.conflicts.map { field in
            Self.row("conflict", "\(field.groupName) has \(entry.heads[field]?.count ?? 0) values")
        }
        return rows
    }

    /// The title of the account that an OpenStack entry shares, where the field is such a reference.
    private func accountTitle(_ name: String, _ text: SecretSlice) -> SecretSlice? {
        guard name == SharedAccount.field.displayName, let reference = SharedAccount.reference(in: text) else {
            return nil
        }
        let account = try? session.find(EntryQuery(reference), .nothing)
        return SecretSlice(copying: Array((account?.title ?? "\(reference) (not in the vault any more)").utf8))
    }

    private func secret(_ label: String, _ field: FieldName, layout: Escaping.Layout = .line) -> [Row] {
        guard let value = entry.text(field) else { return [] }
        return [isRevealed ? Row(label: label, value: value, layout: layout) : Self.row(label, Self.mask)]
    }

    private func oneTimePassword() -> [Row] {
        guard let uri = session.shownOTPURI(entry) else { return pending }
        guard let parameters = try? session.otpParameters(entry) else { return [Self.row("otp", "cannot be read")] }
        let issuer = parameters.issuer.map { " for \($0)" } ?? ""
        let how =
            switch parameters.kind {
            case .totp(let period): "every \(period) s\(issuer) (coffer otp)"
            case .hotp: "counter \(session.counter(entry, parameters))\(issuer) (coffer otp --next)"
            }
        return [Self.row("otp", how)]
            + (isRevealed ? [Row(label: "otp-uri", value: uri)] : []) + pending
    }

    private var pending: [Row] {
        guard entry.text(.pendingOTP) != nil else { return [] }
        return [Self.row("otp-pending", "not confirmed yet (coffer enrol --resume)")]
    }

    private func codes() -> [Row] {
        let codes = BackupCodes(entry)
        guard !codes.active.isEmpty else { return [] }
        let count = Self.row(
            "codes", "\(codes.unusedCount) unused, \(codes.usedCount) used (coffer codes next)")
        guard isRevealed else { return [count] }
        return [count]
            + codes.active.flatMap(\.codes).map { code in
                Row(label: code.isUsed ? "  used" : "  unused", value: code.text)
            }
    }

    private static func row(_ label: String, _ value: String) -> Row {
        Row(label: label, value: SecretSlice(copying: Array(value.utf8)))
    }
}
