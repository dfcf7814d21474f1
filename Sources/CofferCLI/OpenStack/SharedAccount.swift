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

    /// What to say of an entry that lacks `what`, one of `fields`: where it is, if the account that it shares has it. It is not taken
    /// from there: who asks for one entry's password must not get another's.
    static func absence(
        of what: String, _ fields: [FieldName], in entry: Entry, _ session: any Session, near: [String] = []
    ) -> any Error {
        if let account = try? find(of: entry, session, .nothing), fields.contains(where: { account.text($0) != nil }) {
            return CLIError.inSharedAccount(what: what, title: entry.title, account: account.title)
        }
        return VaultError.notInEntry(what: what, title: entry.title, near: near)
    }
}
