/// Which field of an entry holds which OpenStack setting: one table, read both ways.
package import CofferMemory
package import CofferModel

/// The settings of a cloud as the fields of a `vk-cloud` entry, and back.
///
/// A setting that the table does not name is a field of its own name behind `openstack-`: `cacert` is
/// `openstack-cacert`, `volume_api_version` is `openstack-volume-api-version`. Only the fields of the table and those
/// with this beginning go back to OpenStack; an entry's other fields are none of its business.
package enum CloudFields {
    /// A field, and what it is to hold.
    package struct Field: Sendable, Equatable {
        package let name: FieldName
        package let value: FieldValue
    }

    private static let table: [(key: String, field: FieldName)] = [
        ("auth_url", .custom("auth-url")),
        ("auth_type", .custom("auth-type")),
        ("username", .username),
        ("user_domain_name", .custom("user-domain")),
        ("user_domain_id", .custom("user-domain-id")),
        ("password", .password),
        ("project_id", .custom("project-id")),
        ("project_name", .custom("project-name")),
        ("project_domain_name", .custom("project-domain")),
        ("project_domain_id", .custom("project-domain-id")),
        ("application_credential_id", .custom("application-credential-id")),
        ("application_credential_name", .custom("application-credential-name")),
        ("application_credential_secret", .custom("application-credential-secret")),
        ("region_name", .custom("region")),
        ("interface", .custom("interface")),
        ("identity_api_version", .custom("identity-api-version")),
    ]

    /// Before the name of a setting that the table does not name.
    private static let prefix = "openstack-"

    /// What no entry holds: a code of the authenticator app, which is gone after one use, and what would send OpenStack's programs to
    /// another cloud or to files that a stranger has named.
    private static let refused: Set<String> = [
        "passcode", "cloud", "cloud_name", "client_config_file", "client_secure_file", "client_vendor_file",
    ]

    // MARK: To an entry

    /// The fields that hold `settings`, in their order. A setting without text is no field.
    package static func fields(of settings: CloudSettings) -> [Field] {
        settings.values.compactMap { value in
            guard value.text.count > 0, let name = field(of: value.key) else { return nil }
            let text = value.key == "auth_type" ? canonicalAuthType(value.text) : value.text
            guard case .custom = name else { return Field(name: name, value: .text(text)) }
            return Field(name: name, value: .marked(text, CloudSettings.isSecret(value.key)))
        }
    }

    /// The field that holds the setting `key`; nil for what is not kept.
    package static func field(of key: String) -> FieldName? {
        guard !refused.contains(key) else { return nil }
        if let row = table.first(where: { $0.key == key }) { return row.field }
        return .custom(prefix + key.map { $0 == "_" ? "-" : String($0) }.joined())
    }

    // MARK: From an entry

    /// The settings that `entry` holds, those of the table first; `name` is the cloud's.
    ///
    /// An entry that was asked for without its secrets gives what stands in their place.
    package static func settings(of entry: Entry, name: String) -> CloudSettings {
        var settings = CloudSettings(name: name)
        func take(_ key: String, _ field: FieldName) {
            guard let text = entry.text(field), text.count > 0, CloudSettings.isText(text.span),
                settings.values.count < CloudSettings.values
            else { return }
            settings.set(key, text)
        }
        for row in table { take(row.key, row.field) }
        let names = (entry.customFields(secret: false) + entry.customFields(secret: true)).map(\.name)
        for name in names.sorted() {
            let field = FieldName.custom(name)
            guard name.hasPrefix(prefix), let key = key(of: field) else { continue }
            take(key, field)
        }
        return settings
    }

    /// The setting that `field` holds; nil for a field that is not OpenStack's.
    package static func key(of field: FieldName) -> String? {
        if let row = table.first(where: { $0.field == field }) { return row.key }
        guard case .custom(let name) = field, name.hasPrefix(prefix) else { return nil }
        let key = name.dropFirst(prefix.count).map { $0 == "-" ? "_" : String($0) }.joined()
        // A setting of the table has its own field, and only that.
        guard CloudSettings.isKey(key), Self.field(of: key) == field else { return nil }
        return key
    }

    // MARK: Names elsewhere

    /// The environment variable of the setting `key`.
    package static func variable(of key: String) -> String { "OS_" + key.uppercased() }

    /// Where the setting `key` stands in a cloud of clouds.yaml.
    package static func path(of key: String) -> [String] { authKeys.contains(key) ? ["auth", key] : [key] }

    /// Whether this program knows the setting `key` by name.
    package static func isKnown(_ key: String) -> Bool {
        authKeys.contains(key) || table.contains { $0.key == key }
    }

    /// What keystoneauth's plugins are given: everything that says who one is, and for what.
    private static let authKeys: Set<String> = [
        "auth_url", "username", "user_id", "user_domain_name", "user_domain_id", "password", "project_id",
        "project_name", "project_domain_name", "project_domain_id", "domain_name", "domain_id", "default_domain_name",
        "default_domain_id", "application_credential_id", "application_credential_name",
        "application_credential_secret", "passcode", "token", "trust_id", "system_scope", "auth_methods",
        "identity_provider", "protocol", "client_id", "client_secret", "openid_scope", "access_token",
        "access_token_endpoint", "access_token_type", "discovery_endpoint",
    ]

    // MARK: Kinds of authentication

    /// The names of keystoneauth's plugins, by what else they are called.
    private static let authTypes = [
        "password": "v3password", "v3password": "v3password", "totp": "v3totp", "v3totp": "v3totp",
        "multifactor": "v3multifactor", "v3multifactor": "v3multifactor",
        "applicationcredential": "v3applicationcredential", "v3applicationcredential": "v3applicationcredential",
    ]

    /// The one name of a kind of authentication; as it is where nobody knows it.
    package static func canonicalAuthType(_ text: SecretSlice) -> SecretSlice {
        let plain = text.plainText.lowercased()
        guard let name = authTypes[plain.filter { $0 != "_" && $0 != "-" }] else { return text }
        return SecretSlice(copying: Array(name.utf8))
    }
}
