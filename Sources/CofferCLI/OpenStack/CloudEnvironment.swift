/// The OS_* variables that sign in to a cloud, and none that contradicts them (docs/vk-cloud.md).
import CofferExchange
import CofferMemory
import CofferModel
import CofferVault

struct CloudEnvironment {
    static let prefix = "OS_"

    private let cloud: CloudEntry

    init(_ cloud: CloudEntry) throws {
        self.cloud = cloud
        try requireSettings()
    }

    /// What is missing is told before anything is run.
    private func requireSettings() throws {
        try require("auth_url", as: "auth-url")
        switch cloud.authType {
        case .applicationCredential:
            try require("application_credential_secret", as: "application-credential-secret")
        case .password, .totp, .multifactor:
            if cloud.settings["user_id"] == nil { try require("username", as: "username") }
            if cloud.authType.needsPassword { try require("password", as: "password") }
            if cloud.authType.needsCode, cloud.otpEntry.text(.otp) == nil {
                throw VaultError.notInEntry(what: "one-time password", title: cloud.otpEntry.title)
            }
        case .other: break
        }
    }

    private func require(_ key: String, as field: String) throws {
        guard cloud.settings[key] == nil else { return }
        // A project has none of its own: what is missing there is missing in its account.
        throw VaultError.notInEntry(what: field, title: (cloud.account ?? cloud.entry).title)
    }

    /// The settings that this way of signing in takes. Others are left out: an application credential is for one project already,
    /// and OpenStack refuses it where a project is named; a password beside a code asks for both.
    var settings: [CloudSettings.Value] {
        cloud.settings.values.filter { value in
            switch cloud.authType {
            case .applicationCredential:
                return !Self.ofUser.contains(value.key) || (isNamedCredential && Self.whoNames.contains(value.key))
            case .totp:
                return !value.key.hasPrefix("application_credential_") && value.key != "password"
                    && value.key != "auth_type"
            case .password, .multifactor:
                return !value.key.hasPrefix("application_credential_") && value.key != "auth_type"
            case .other: return true
            }
        }
    }

    /// A credential that is named, not numbered, belongs to a user who must be named too.
    private var isNamedCredential: Bool { cloud.settings["application_credential_id"] == nil }

    private static let ofUser: Set<String> = [
        "username", "user_id", "user_domain_name", "user_domain_id", "password", "project_id", "project_name",
        "project_domain_name", "project_domain_id", "domain_name", "domain_id", "auth_type",
    ]
    private static let whoNames: Set<String> = ["username", "user_id", "user_domain_name", "user_domain_id"]

    /// What names the way of signing in: variables whose values are no settings of the entry.
    var fixed: [(name: String, text: String)] {
        switch cloud.authType {
        case .password: [("OS_AUTH_TYPE", "v3password")]
        case .totp: [("OS_AUTH_TYPE", "v3totp")]
        case .multifactor: [("OS_AUTH_TYPE", "v3multifactor"), ("OS_AUTH_METHODS", "v3password,v3totp")]
        case .applicationCredential: [("OS_AUTH_TYPE", "v3applicationcredential")]
        case .other: []
        }
    }

    static let passcode = "OS_PASSCODE"

    /// Sets them all, takes the caller's other ones away, and waits for a code that is valid for long enough where one is needed.
    func apply(to environment: inout ChildEnvironment, _ session: any Session, pick: FieldReader.Pick) throws {
        for (name, text) in fixed { environment.set(name, text) }
        for value in settings { environment.set(CloudFields.variable(of: value.key), value.text) }
        if !environment.isSet("OS_IDENTITY_API_VERSION") { environment.set("OS_IDENTITY_API_VERSION", "3") }
        if cloud.authType.needsCode {
            let reader = ReferenceReader(session: session, pick: pick, waitsForCodes: true)
            environment.set(
                Self.passcode, try reader.read(Reference(title: "id:\(cloud.otpEntry.id.hexadecimal)", field: "otp")))
        }
        environment.clear(prefix: Self.prefix)
    }
}
