/// The key pairs of an object storage: two slots, so that a new pair can be tried before the old one is given up.
import CofferModel
import CofferVault

struct ObjectStorageKeys {
    static let accessKeyID = "access-key-id"
    static let secretAccessKey = "secret-access-key"
    static let endpoint = "endpoint"
    static let region = "region"

    private let entry: Entry
    private let slot: Int
    private let session: any Session

    init(_ entry: Entry, slot: Int, _ session: any Session) throws {
        (self.entry, self.slot, self.session) = (entry, slot, session)
        for name in [Self.accessKeyID, Self.secretAccessKey]
        where entry.text(.custom(Self.name(name, slot: slot))) == nil {
            throw VaultError.notInEntry(what: Self.name(name, slot: slot), title: entry.title)
        }
    }

    /// The name of the field in the slot 1 or 2.
    static func name(_ field: String, slot: Int) -> String { slot == 1 ? field : "\(field)-\(slot)" }

    /// As the programs and libraries of Amazon's S3 read them.
    func references() -> [(name: String, value: String)] {
        var lines = [
            ("AWS_ACCESS_KEY_ID", reference(Self.name(Self.accessKeyID, slot: slot))),
            ("AWS_SECRET_ACCESS_KEY", reference(Self.name(Self.secretAccessKey, slot: slot))),
        ]
        for (variable, field) in [("AWS_ENDPOINT_URL_S3", Self.endpoint), ("AWS_DEFAULT_REGION", Self.region)]
        where entry.text(.custom(field)) != nil {
            lines.append((variable, reference(field)))
        }
        return lines.map { (name: $0.0, value: $0.1) }
    }

    private func reference(_ field: String) -> String { Reference(entry, field, session).text }
}
