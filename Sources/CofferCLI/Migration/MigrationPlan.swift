/// What becomes of accounts that come in: new entries, one-time passwords for entries that are there, or nothing.
import CofferMemory
import CofferModel
import CofferOTP
import CofferVault

struct MigrationPlan {
    enum Step {
        case add(title: String, username: String?)
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
        var taken: Set<[String]> = []
        for account in accounts {
            var (title, username) = Self.names(account)
            let uri = SecretSlice(OTPAuthURI.serialize(account))
            let query = EntryQuery(title, username: username)
            // Of two accounts with one name the second gets a name of its own.
            var number = 1
            while !taken.insert([title, username ?? ""]).inserted {
                number += 1
                title = "\(Self.names(account).title) (\(number))"
            }
            let entry = number > 1 ? nil : try Self.entry(query, session)
            let name = Self.shown(title, username)
            guard let entry else {
                var added = NewEntry(title: title)
                added.username = username
                added.otp = uri
                new.append(added)
                steps.append((name, .add(title: title, username: username)))
                continue
            }
            guard let entry = entry.one else {
                steps.append((name, .ambiguous))
                continue
            }
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

    /// Nil where no entry has the name; `one` is nil where several have.
    private static func entry(_ query: EntryQuery, _ session: any Session) throws -> (one: Entry?, Void)? {
        do throws(VaultError) {
            return (try session.find(query, .only([.otp])), ())
        } catch {
            switch error {
            // One in the trash is none.
            case .notFound, .inTrash: return nil
            case .ambiguous: return (nil, ())
            default: throw error
            }
        }
    }

    /// The issuer becomes the title and the account the user name; without an issuer the account is the title.
    private static func names(_ account: OTPParameters) -> (title: String, username: String?) {
        let user = account.account.isEmpty ? nil : account.account
        guard let issuer = account.issuer else { return (user ?? "one-time password", nil) }
        return (issuer, user)
    }

    private static func shown(_ title: String, _ username: String?) -> String {
        Shown.text(username.map { "\(title) (\($0))" } ?? title)
    }

    /// All of it in one save.
    func save(_ session: any Session) throws { try session.addAll(new, changing: changes) }

    var isEmpty: Bool { new.isEmpty && changes.isEmpty }
}
