/// The variables of a cloud as references to where their values are.
import CofferExchange
import CofferModel
import CofferVault

struct CloudReferences {
    private let cloud: CloudEntry
    private let environment: CloudEnvironment

    init(_ cloud: CloudEntry) throws {
        self.cloud = cloud
        environment = try CloudEnvironment(cloud)
        for entry in [cloud.entry, cloud.account].compactMap({ $0 }) {
            guard !entry.title.contains(where: { $0 == "\n" || $0 == "\r" || $0 == "\r\n" }) else {
                throw VaultError.invalidInput(why: "a title with a line feed cannot stand in a file of lines")
            }
        }
    }

    /// The variables of openstack and everything else that is made with its libraries.
    func openstack() -> [(name: String, value: String)] {
        var lines = environment.fixed.map { (name: $0.name, value: $0.text) }
        for value in environment.settings { lines.append((CloudFields.variable(of: value.key), reference(value.key))) }
        if cloud.settings["identity_api_version"] == nil { lines.append(("OS_IDENTITY_API_VERSION", "3")) }
        if cloud.authType.needsCode { lines.append((CloudEnvironment.passcode, Self.text(cloud.otpEntry, "otp"))) }
        return lines
    }

    /// The arguments of the provider vkcs of Terraform, as variables of its modules.
    func terraform() -> [(name: String, value: String)] {
        environment.settings.compactMap { value in
            guard let name = Self.terraformNames[value.key] else { return nil }
            return ("TF_VAR_\(name)", reference(value.key))
        }
    }

    private static let terraformNames = [
        "auth_url": "auth_url", "username": "username", "password": "password", "project_id": "project_id",
        "region_name": "region", "user_domain_name": "user_domain_name",
        "application_credential_id": "application_credential_id",
        "application_credential_secret": "application_credential_secret",
    ]

    /// Where the setting `key` is: in the entry, else in the account that it shares; a text where it is in neither.
    private func reference(_ key: String) -> String {
        for entry in [cloud.entry, cloud.account].compactMap({ $0 }) {
            guard let field = CloudFields.field(of: key), entry.text(field) != nil, let name = field.displayName else {
                continue
            }
            return Self.text(entry, name)
        }
        // What neither has is a default, which is no secret.
        return cloud.settings[key]?.plainText ?? ""
    }

    private static func text(_ entry: Entry, _ field: String) -> String {
        Reference(title: entry.title, field: field).text
    }
}
