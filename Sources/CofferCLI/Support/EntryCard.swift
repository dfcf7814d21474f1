/// An entry as people see it: labels and values, secrets masked unless they are revealed.
import CofferMemory
import CofferMerge
import CofferModel
import CofferOTP
import CofferVault

struct EntryCard {
    /// As long for every secret, so that it does not tell how long one is.
    static let mask = "••••••••"
    private static let labelWidth = 14

    let session: Session
    let entry: Entry
    let isRevealed: Bool

    func print() throws {
        var text = SecretBuilder(capacity: 8192)
        line("title", SecretSlice(copying: Array(entry.title.utf8)), &text)
        if entry.state == .trash { line("state", "in the trash", &text) }
        if let username = entry.username { line("username", username, &text) }
        secret("password", .password, &text)
        for url in entry.urls { line("url", url, &text) }
        for field in entry.customFields(secret: false) { line(field.name, field.text, &text) }
        for field in entry.customFields(secret: true) { secret(field.name, .custom(field.name), &text) }
        if entry.text(.otp) != nil { oneTimePassword(&text) }
        codes(&text)
        if !entry.tags.isEmpty { line("tags", entry.tags.joined(separator: ", "), &text) }
        if let template = entry.template { line("template", template, &text) }
        secret("notes", .notes, &text)
        line("modified", UTCTime(clampingUnixSeconds: entry.modifiedSeconds).text, &text)
        line("id", "id:\(entry.id.hexadecimal.prefix(8))", &text)
        for field in entry.conflicts {
            line("conflict", "\(field.displayName ?? "a field") has \(entry.heads[field]?.count ?? 0) values", &text)
        }
        try Output.standard.write(text.span)
    }

    private func secret(_ label: String, _ field: FieldName, _ text: inout SecretBuilder) {
        guard let value = entry.text(field) else { return }
        if isRevealed { line(label, value, &text) } else { line(label, Self.mask, &text) }
    }

    private func oneTimePassword(_ text: inout SecretBuilder) {
        guard let parameters = try? session.otpParameters(entry) else { return line("otp", "cannot be read", &text) }
        let issuer = parameters.issuer.map { " for \($0)" } ?? ""
        switch parameters.kind {
        case .totp(let period): line("otp", "every \(period) s\(issuer) (coffer otp)", &text)
        case .hotp: line("otp", "counter \(session.counter(entry, parameters))\(issuer) (coffer otp --next)", &text)
        }
        if isRevealed, let uri = entry.text(.otp) { line("otp-uri", uri, &text) }
    }

    private func codes(_ text: inout SecretBuilder) {
        let codes = BackupCodes(entry)
        guard !codes.active.isEmpty else { return }
        line("codes", "\(codes.unusedCount) unused, \(codes.usedCount) used (coffer codes next)", &text)
        guard isRevealed else { return }
        for code in codes.active.flatMap(\.codes) { line(code.isUsed ? "  used" : "  unused", code.text, &text) }
    }

    private func line(_ label: String, _ value: String, _ text: inout SecretBuilder) {
        line(label, SecretSlice(copying: Array(value.utf8)), &text)
    }

    private func line(_ label: String, _ value: SecretSlice, _ text: inout SecretBuilder) {
        let start = text.count
        Escaping.append(Array(label.utf8).span, to: &text)
        text.append(spaces: max(1, Self.labelWidth - (text.count - start)))
        // Cards are for people: a line feed in a value starts no new label.
        Escaping.append(value.span, to: &text, layout: label == "notes" ? .lines : .line)
        text.append(UInt8(ascii: "\n"))
    }
}
