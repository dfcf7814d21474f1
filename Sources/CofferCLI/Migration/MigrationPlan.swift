/// What becomes of accounts that come in: new entries, one-time passwords for entries that are there, or nothing.
import CofferMemory
import CofferModel
import CofferOTP
import CofferVault

struct MigrationPlan {
    enum Step {
        case add
        case give
        case replace
        /// The entry has it already.
        case known
        /// The entry has another one, and nobody said that it may be replaced.
        case differs
        /// Several entries have the name.
        case ambiguous
    }

    /// For each account, in their order; `name` is what a person is told.
    private(set) var steps: [(name: String, step: Step)] = []
    private var new: [NewEntry] = []
    private var changes: [(entry: Entry, drafts: [Draft])] = []

    init(_ accounts: [OTPParameters], _ session: any Session, replaces: Bool) throws {
        let entries = try Self.entries(session)
        var taken: Set<[String]> = []
        var seen: [SecretSlice] = []
        for account in accounts {
            var (title, username) = Self.names(account)
            let uri = SecretSlice(OTPAuthURI.serialize(account))
            // The same picture twice is one.
            guard !seen.contains(uri) else { continue }
            seen.append(uri)
            // Of two accounts with one name the second gets a name of its own.
            var number = 1
            while !taken.insert([title, username ?? ""]).inserted {
                number += 1
                title = "\(Self.names(account).title) (\(number))"
            }
            let name = Self.shown(title, username)
            guard let ids = entries[[title, username ?? ""]] else {
                var added = NewEntry(title: title)
                added.username = username
                added.otp = uri
                new.append(added)
                steps.append((name, .add))
                continue
            }
            guard ids.count == 1 else {
                steps.append((name, .ambiguous))
                continue
            }
            let entry = try session.entryNow(ids[0], .only([.otp]))
            steps.append((name, try plan(entry, uri, session, replaces: replaces)))
        }
    }

    private mutating func plan(
        _ entry: Entry, _ uri: SecretSlice, _ session: any Session, replaces: Bool
    ) throws -> Step {
        let drafts = try session.drafts(entry, .otp, .text(uri))
        guard let old = entry.text(.otp) else {
            changes.append((entry, drafts))
            return .give
        }
        guard old != uri else { return .known }
        guard replaces else { return .differs }
        changes.append((entry, drafts))
        return .replace
    }

    /// The live entries by title and user name, as they are: a name from outside is no query, in which an `@` or `id:` would mean
    /// something.
    private static func entries(_ session: any Session) throws -> [[String]: [EntryID]] {
        let list = try session.list(ListEntries())
        var entries: [[String]: [EntryID]] = [:]
        for item in list.items {
            let overview = list.overview(item)
            entries[[overview.title, overview.username ?? ""], default: []].append(item.id)
        }
        return entries
    }

    /// The issuer becomes the title and the account the user name; without an issuer the account is the title.
    private static func names(_ account: OTPParameters) -> (title: String, username: String?) {
        let user = account.account.isEmpty ? nil : account.account
        // As the vault keeps them.
        guard let issuer = account.issuer else { return (UnicodeText.composed(user ?? "one-time password"), nil) }
        return (UnicodeText.composed(issuer), user.map { UnicodeText.composed($0) })
    }

    private static func shown(_ title: String, _ username: String?) -> String {
        Shown.text(username.map { "\(title) (\($0))" } ?? title)
    }

    /// All of it in one save.
    func save(_ session: any Session) throws { try session.addAll(new, changing: changes) }
}
