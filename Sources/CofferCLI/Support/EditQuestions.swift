/// Asks for new values of an entry's fields, one after the other, and makes edits of what was shown (docs/merge.md).
import CofferMemory
import CofferModel
import CofferOTP
import CofferVault

struct EditQuestions {
    let session: any Session
    let entry: Entry
    let prompt: TerminalPrompt

    /// The fields that a vk-cloud entry is asked for even if it lacks them.
    private static let cloudFields = ["project-id", "region", "auth-url", "user-domain"]
    private static let absence = CLIError.Question.value(what: "the entry's fields", option: "coffer set instead")

    /// What somebody answers to one question.
    private enum Answer {
        case keep, remove
        case value(SecretSlice)
    }

    func ask() throws -> [Draft] {
        Output.message("Enter keeps what is there, a single - takes it away, Ctrl-C leaves everything as it was.")
        var drafts: [Draft] = []
        drafts += try title()
        drafts += try plain("User name", .username, isMarked: false)
        drafts += try secret("Password", .password, isNew: true)
        drafts += try elements("URLs, separated by spaces", entry.urls, separator: " ") {
            try session.drafts(entry, urls: $0)
        }
        let open = Set(entry.customFields(secret: false).map(\.name))
            .union(entry.template == EntryTemplate.vkCloud.rawValue ? Self.cloudFields : [])
        let hidden = Set(entry.customFields(secret: true).map(\.name))
        for name in open.subtracting(hidden).sorted() { drafts += try plain(name, .custom(name), isMarked: true) }
        for name in hidden.sorted() { drafts += try secret(name, .custom(name), isNew: false) }
        drafts += try oneTimePassword()
        drafts += try elements("Tags, separated by commas", entry.tags, separator: ",") {
            try session.drafts(entry, tags: $0)
        }
        drafts += try notes()
        return drafts
    }

    // MARK: Fields

    private func title() throws -> [Draft] {
        while true {
            switch try line("Title", entry.title, .title) {
            case .keep: return []
            case .remove: Output.message("An entry always has a title. To put it into the trash: coffer rm")
            case .value(let text): return try session.drafts(entry, .title, .text(text))
            }
        }
    }

    private func plain(_ label: String, _ field: FieldName, isMarked: Bool) throws -> [Draft] {
        switch try line(label, entry.text(field)?.plainText, field) {
        case .keep: return []
        case .remove: return try session.drafts(entry, field, .removed)
        case .value(let text): return try session.drafts(entry, field, isMarked ? .marked(text, false) : .text(text))
        }
    }

    private func secret(_ label: String, _ field: FieldName, isNew: Bool) throws -> [Draft] {
        switch try hidden(label, field) {
        case .keep: return []
        case .remove: return try session.drafts(entry, field, .removed)
        case .value(let text):
            if isNew {
                let again = SecretSlice(
                    try prompt.askSecret(
                        prompt: "The same again: ", or: Self.absence, what: "The value", maximumBytes: 4094))
                guard again == text else { throw CLIError.answersDiffer(what: label) }
            }
            if case .custom = field { return try session.drafts(entry, field, .marked(text, true)) }
            return try session.drafts(entry, field, .text(text))
        }
    }

    private func oneTimePassword() throws -> [Draft] {
        switch try hidden("TOTP key or otpauth URI", .otp) {
        case .keep: return []
        case .remove: return try session.drafts(entry, .otp, .removed)
        case .value(let text):
            let parameters = try OTPInput.parse(text.span, account: entry.username ?? "")
            return try session.drafts(entry, .otp, .text(SecretSlice(OTPAuthURI.serialize(parameters))))
        }
    }

    private func elements(
        _ label: String, _ shown: [String], separator: Character, _ drafts: ([String]) throws -> [Draft]
    ) throws -> [Draft] {
        switch try line(label, shown.isEmpty ? nil : shown.joined(separator: "\(separator)"), nil) {
        case .keep: return []
        case .remove: return try drafts([])
        case .value(let text):
            let words = text.plainText.split(separator: separator)
                .map { word in String(word.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
            return try drafts(words.filter { !$0.isEmpty })
        }
    }

    private func notes() throws -> [Draft] {
        let label = "Notes\(state(.notes)), then Enter on an empty line:\n"
        let text = SecretSlice(try prompt.askLines(prompt: label, hidden: true, or: Self.absence))
        guard text.count > 0 else { return [] }
        // Every line came with its line feed.
        let value = text.extracting(0..<text.count - 1)
        return try session.drafts(entry, .notes, Self.isHyphen(value) ? .removed : .text(value))
    }

    // MARK: Questions

    private func line(_ label: String, _ shown: String?, _ field: FieldName?) throws -> Answer {
        let now = shown.map { " [\($0)]" } ?? ""
        let text = try prompt.askLine(prompt: "\(label)\(now)\(conflict(field)): ", or: Self.absence)
        return Self.answer(SecretSlice(copying: Array(text.utf8)))
    }

    private func hidden(_ label: String, _ field: FieldName) throws -> Answer {
        let text = try prompt.askSecret(
            prompt: "\(label)\(state(field)): ", or: Self.absence, what: "The value", maximumBytes: 4094)
        return Self.answer(SecretSlice(text))
    }

    private static func answer(_ text: SecretSlice) -> Answer {
        if text.count == 0 { return .keep }
        return isHyphen(text) ? .remove : .value(text)
    }

    private static func isHyphen(_ text: SecretSlice) -> Bool {
        let span = text.span
        return span.count == 1 && span[0] == UInt8(ascii: "-")
    }

    private func state(_ field: FieldName) -> String {
        (entry.text(field) == nil ? " [none]" : " [kept secret]") + conflict(field)
    }

    private func conflict(_ field: FieldName?) -> String {
        guard let field, entry.conflicts.contains(field) else { return "" }
        return " (\(entry.heads[field]?.count ?? 0) values in conflict; Enter keeps them)"
    }
}
