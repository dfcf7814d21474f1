/// An entry that says how to sign in to an OpenStack cloud, with the account whose password it shares.
import CofferExchange
import CofferMemory
import CofferModel
import CofferVault

struct CloudEntry {
    /// VK Cloud's domain of users; its own openrc leaves it out where user name and password are set already.
    static let defaultUserDomain = "users"

    let entry: Entry
    /// The entry whose user name, password and one-time password this one has no copies of.
    let account: Entry?
    /// OpenStack's names for all of it, the account's included.
    let settings: CloudSettings
    /// The ways in which one signs in.
    let authType: AuthType
    /// The settings that are secret because the field is, whatever its name.
    let secretKeys: Set<String>

    enum AuthType: Equatable {
        case password, totp, multifactor, applicationCredential
        /// One that this program does not know: everything is passed on.
        case other

        var needsCode: Bool { self == .totp || self == .multifactor }
        var needsPassword: Bool { self == .password || self == .multifactor }
    }

    init(_ session: any Session, _ query: EntryQuery, _ disclosure: Disclosure, pick: FieldReader.Pick) throws {
        let entry = try session.find(query, disclosure)
        let account = try SharedAccount.find(of: entry, session, disclosure)
        (self.entry, self.account) = (entry, account)
        settings = Self.settings(entry, account)
        authType = Self.authType(settings)
        secretKeys = Self.secretKeys(entry, account)
        try refuseConflicts(pick)
    }

    private static func settings(_ entry: Entry, _ account: Entry?) -> CloudSettings {
        var settings = CloudFields.settings(of: entry, name: entry.title)
        if let account {
            for value in CloudFields.settings(of: account, name: "").values where settings[value.key] == nil {
                // The account may be of use elsewhere too: what is about the project is the project's alone.
                guard
                    ["username", "password", "user_domain_name", "user_domain_id", "auth_type", "auth_url"].contains(
                        value.key)
                else { continue }
                settings.set(value.key, value.text)
            }
        }
        let hasDomain =
            settings["user_domain_name"] != nil || settings["user_domain_id"] != nil || settings["user_id"] != nil
        if !hasDomain { settings.set("user_domain_name", SecretSlice(copying: Array(defaultUserDomain.utf8))) }
        return settings
    }

    private static func authType(_ settings: CloudSettings) -> AuthType {
        guard let text = settings["auth_type"] else {
            return settings["application_credential_secret"] == nil ? .password : .applicationCredential
        }
        return switch CloudFields.canonicalAuthType(text).plainText {
        case "v3password": .password
        case "v3totp": .totp
        case "v3multifactor": .multifactor
        case "v3applicationcredential": .applicationCredential
        default: .other
        }
    }

    private static func secretKeys(_ entry: Entry, _ account: Entry?) -> Set<String> {
        func keys(_ entry: Entry, isSecret: Bool) -> [String] {
            entry.customFields(secret: isSecret).compactMap { CloudFields.key(of: .custom($0.name)) }
        }
        let own = Set(keys(entry, isSecret: false))
        let shared = account.map { keys($0, isSecret: true) } ?? []
        return Set(keys(entry, isSecret: true) + shared.filter { !own.contains($0) })
    }

    /// Whether the variable `name` holds a secret: by its name, or because its field is one.
    func isSecret(variable name: String) -> Bool {
        let key = name.dropFirst(CloudEnvironment.prefix.count).lowercased()
        return CloudSettings.isSecret(key) || secretKeys.contains(key)
    }

    /// What must be told of an entry to know which settings it has, and where: no value but those that say so.
    static let outline = Disclosure.only([SharedAccount.field, .custom("auth-type")])

    /// The entry that has the one-time password.
    var otpEntry: Entry { entry.text(.otp) == nil ? account ?? entry : entry }

    private func refuseConflicts(_ pick: FieldReader.Pick) throws {
        guard pick == .refuse else { return }
        for one in [entry, account].compactMap({ $0 }) {
            guard
                let field = one.conflicts.first(where: {
                    CloudFields.key(of: $0) != nil || $0 == .otp || $0 == SharedAccount.field
                })
            else { continue }
            throw VaultError.conflict(title: one.title, field: field.displayName ?? "field")
        }
    }
}
