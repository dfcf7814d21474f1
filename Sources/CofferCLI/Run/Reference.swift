/// References to fields, which stand where a secret would: coffer://TITLE/FIELD (docs/cli.md, "References").

struct Reference: Equatable {
    static let scheme = "coffer://"

    /// What names the entry, as on the command line.
    let title: String
    let field: String

    /// Reads one. The last segment is the field; a title may have slashes.
    init(_ text: String) throws(CLIError) {
        // By bytes: to Swift a slash and an accent behind it are one letter.
        guard Self.isMeant(text) else {
            throw .usage(
                why: "A reference begins with coffer://; nothing was run or written.",
                remedy: "Write coffer://TITLE/FIELD.")
        }
        let rest = text.utf8.dropFirst(Self.scheme.utf8.count)
        guard let slash = rest.lastIndex(of: UInt8(ascii: "/")), slash != rest.startIndex,
            rest.index(after: slash) != rest.endIndex
        else {
            throw .usage(
                why: "A reference names an entry and a field; nothing was run or written.",
                remedy: "Write coffer://TITLE/FIELD, for instance coffer://work/vk-cloud/password.")
        }
        title = String(Substring(rest[..<slash]))
        field = String(Substring(rest[rest.index(after: slash)...]))
    }

    /// Whether `text` begins as a reference, be it a good one or not.
    static func isMeant(_ text: String) -> Bool { text.utf8.starts(with: scheme.utf8) }

    init(title: String, field: String) {
        self.title = title
        self.field = field
    }

    var text: String { "\(Self.scheme)\(title)/\(field)" }
}
