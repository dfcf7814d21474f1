/// References to fields, which stand where a secret would: coffer://TITLE/FIELD (docs/cli.md, "References").

struct Reference: Equatable {
    static let scheme = "coffer://"

    /// What names the entry, as on the command line.
    let title: String
    let field: String

    /// Reads one. The last segment is the field; a title may have slashes.
    init(_ text: String) throws(CLIError) {
        guard text.hasPrefix(Self.scheme) else {
            throw .usage(
                why: "A reference begins with coffer://; nothing was run or written.",
                remedy: "Write coffer://TITLE/FIELD.")
        }
        let rest = text.dropFirst(Self.scheme.count)
        guard let slash = rest.lastIndex(of: "/"), slash != rest.startIndex, rest.index(after: slash) != rest.endIndex
        else {
            throw .usage(
                why: "A reference names an entry and a field; nothing was run or written.",
                remedy: "Write coffer://TITLE/FIELD, for instance coffer://work/vk-cloud/password.")
        }
        title = String(rest[..<slash])
        field = String(rest[rest.index(after: slash)...])
    }

    init(title: String, field: String) {
        self.title = title
        self.field = field
    }

    var text: String { "\(Self.scheme)\(title)/\(field)" }
}
