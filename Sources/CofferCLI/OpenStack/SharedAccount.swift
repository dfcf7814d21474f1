/// The account that several OpenStack entries share, as their field `account` names it (docs/vk-cloud.md).
import CofferModel
import CofferVault

enum SharedAccount {
    /// The entry that `entry` shares the account of. Nil where it shares none, or one that is not there any more.
    static func find(of entry: Entry, _ session: any Session) -> Entry? {
        guard let reference = entry.text(CloudEntry.accountField)?.plainText,
            CloudEntry.isAccountReference(reference)
        else { return nil }
        return try? session.find(EntryQuery(reference), .nothing)
    }

    /// Says where it is, if `body` does not find one of `fields` in an entry and the account has it. It is not taken from there:
    /// who asks for one entry's password must not get another's.
    static func explaining<Result>(
        _ fields: [FieldName], of query: EntryQuery, _ session: any Session, _ body: () throws -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch VaultError.notInEntry(let what, let title, let near) {
            guard let entry = try? session.find(query, .nothing), let account = find(of: entry, session),
                fields.contains(where: { entry.text($0) == nil && account.text($0) != nil })
            else { throw VaultError.notInEntry(what: what, title: title, near: near) }
            throw CLIError.inSharedAccount(what: what, title: title, account: account.title)
        }
    }
}
