/// The account that several OpenStack entries share, as their field `account` names it (docs/vk-cloud.md).
import CofferMemory
import CofferModel
import CofferVault

enum SharedAccount {
    static let field = FieldName.custom("account")

    private static let prefix = "id:"

    /// What the field holds for the account `entry`.
    static func reference(to entry: Entry) -> String { prefix + entry.id.hexadecimal }

    /// The reference in `entry`: `id:` and a whole id. Nil for anything else, as a field of that name may be a person's own, the
    /// number of a bank account for instance, and a secret.
    static func reference(in entry: Entry) -> String? { entry.text(field).flatMap(reference(in:)) }

    static func reference(in text: SecretSlice) -> String? {
        let bytes = text.span
        guard bytes.count == prefix.utf8.count + 2 * EntryID.byteCount else { return nil }
        for (index, byte) in prefix.utf8.enumerated() where bytes[index] != byte { return nil }
        for index in prefix.utf8.count..<bytes.count where !Character(Unicode.Scalar(bytes[index])).isHexDigit {
            return nil
        }
        return text.plainText
    }

    /// The entry that `entry` shares the account of, nil where it shares none. Throws `refused` where that one is gone: a person must
    /// be told whose entry names it.
    static func find(of entry: Entry, _ session: any Session, _ disclosure: Disclosure) throws(VaultError) -> Entry? {
        guard let reference = reference(in: entry) else { return nil }
        do throws(VaultError) {
            return try session.find(EntryQuery(reference), disclosure)
        } catch {
            switch error {
            case .notFound, .inTrash: break
            default: throw error
            }
            throw VaultError.refused(
                why: "the account that \(entry.title) shares is not in the vault any more",
                remedy:
                    "Take it out of the trash (coffer ls --trash), or name another: coffer openstack import FILE --account TITLE --into \(Shown.word(entry.title))"
            )
        }
    }

    /// Says where it is, if `body` does not find one of `fields` in an entry and the account has it. It is not taken from there:
    /// who asks for one entry's password must not get another's.
    static func explaining<Result>(
        _ fields: [FieldName], of query: EntryQuery, _ session: any Session, _ body: () throws -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch VaultError.notInEntry(let what, let title, let near) {
            guard let entry = try? session.find(query, .nothing),
                let account = try? find(of: entry, session, .nothing),
                fields.contains(where: { entry.text($0) == nil && account.text($0) != nil })
            else { throw VaultError.notInEntry(what: what, title: title, near: near) }
            throw CLIError.inSharedAccount(what: what, title: title, account: account.title)
        }
    }
}
