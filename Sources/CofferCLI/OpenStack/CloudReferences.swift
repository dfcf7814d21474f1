/// The variables of a cloud as references to where their values are.
import CofferExchange
import CofferModel
import CofferVault

struct CloudReferences {
    private let cloud: CloudEntry
    private let environment: CloudEnvironment
    private let session: any Session

    init(_ cloud: CloudEntry, _ session: any Session) throws {
        self.cloud = cloud
        self.session = session
        environment = try CloudEnvironment(cloud)
    }

    /// The variables of openstack and everything else that is made with its libraries.
    func openstack() -> [(name: String, value: String)] {
        var lines = environment.fixed.map { (name: $0.name, value: $0.text) }
        for value in environment.settings { lines.append((CloudFields.variable(of: value.key), reference(value.key))) }
        if cloud.settings["identity_api_version"] == nil { lines.append(("OS_IDENTITY_API_VERSION", "3")) }
        if cloud.authType.needsCode {
            lines.append((CloudEnvironment.passcode, Reference(cloud.otpEntry, "otp", session).text))
        }
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
            return Reference(entry, name, session).text
        }
        // What neither has is a default, which is no secret.
        return cloud.settings[key]?.plainText ?? ""
    }
}

extension Reference {
    /// By the title where that alone means the entry and stands on one line; else by the id.
    init(_ entry: Entry, _ field: String, _ session: any Session) {
        let isOneLine = !entry.title.utf8.contains { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        let isFound = isOneLine && (try? session.find(EntryQuery(entry.title), .nothing))?.id == entry.id
        self.init(title: isFound ? entry.title : "id:\(entry.id.hexadecimal)", field: field)
    }
}
