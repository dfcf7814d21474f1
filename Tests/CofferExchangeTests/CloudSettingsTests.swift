/// Clouds in their neutral form: the pipe's encoding, the fields of an entry, and clouds.yaml.
import CofferExchange
import CofferFormat
import CofferMemory
import CofferModel
import TestSupport
import Testing

private let vk = cloud(
    "vk",
    [
        "auth_url": "https://infra.mail.ru:35357/v3/", "auth_type": "password", "username": "me@example.com",
        "user_domain_name": "users", "password": "p\"1\\\n#ж", "project_id": "0f1e", "region_name": "RegionOne",
        "interface": "public", "identity_api_version": "3", "cacert": "~/ca.pem", "volume_api_version": "3",
        "passcode": "123456",
    ])

private func decoded(_ bytes: [UInt8]) -> Result<[CloudSettings], FormatError> {
    do {
        return .success(try [CloudSettings].decode(SecretArena(SecretBytes(copying: bytes))))
    } catch {
        return .failure(error)
    }
}

private func failure(_ bytes: [UInt8]) -> FormatError? {
    guard case .failure(let error) = decoded(bytes) else { return nil }
    return error
}

private func encoding(_ write: (inout ArraySink) -> Void) -> [UInt8] {
    var sink = ArraySink()
    write(&sink)
    return sink.bytes
}

/// A list of one cloud with these pairs.
private func list(_ pairs: [(String, [UInt8])], omitted: [String] = [], name: String = "a") -> [UInt8] {
    encoding { sink in
        sink.putArray(count: 1)
        sink.putArray(count: 3)
        sink.putText(name)
        sink.putArray(count: pairs.count)
        for (key, value) in pairs {
            sink.putArray(count: 2)
            sink.putText(key)
            sink.putText(value.span)
        }
        sink.putArray(count: omitted.count)
        for key in omitted { sink.putText(key) }
    }
}

struct CloudListTests {
    @Test func `a list is the same after one round`() throws {
        var other = cloud("Продакшн", ["token": ""])
        other.omit("networks")
        for clouds in [[], [vk], [vk, other]] {
            #expect(try decoded(array(clouds.encoded())).get() == clouds)
        }
    }

    @Test func `a cut or changed list is refused or is another list, and never traps`() throws {
        let bytes = array([vk, cloud("b", ["region_name": "x"])].encoded())
        for count in 0..<bytes.count { #expect(failure(Array(bytes.prefix(count))) == .truncated) }
        var random = SeededRandom()
        print("seed \(random.seed)")
        for _ in 0..<20_000 {
            var changed = bytes
            changed[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            guard case .success(let clouds) = decoded(changed) else { continue }
            #expect(array(clouds.encoded()) == changed)
        }
        #expect(failure(bytes + [0]) == .leftover)
    }

    @Test func `a list beyond a limit is refused by that limit`() {
        let long = [UInt8](repeating: 0x61, count: CloudSettings.valueCount)
        #expect(failure(list([("a", long)])) == nil)
        #expect(failure(list([("a", long + [0x61])])) == .limit("cloud value"))
        let pairs = (0..<257).map { ("k\($0)", [UInt8(0x61)]) }
        #expect(failure(list(Array(pairs.dropLast()))) == nil)
        #expect(failure(list(pairs)) == .unexpected)
        #expect(failure(list([(String(repeating: "k", count: 55), [])])) == .limit("cloud name"))
        #expect(failure(list([], name: String(repeating: "n", count: 257))) == .limit("cloud name"))
        let clouds = (0..<257).map { cloud("\($0)", [:]) }
        #expect(failure(array(Array(clouds.dropLast()).encoded())) == nil)
        #expect(failure(array(clouds.encoded())) == .unexpected)
    }

    @Test func `a list that no reader writes is refused`() {
        #expect(failure(list([("a", [1])])) == .invalidText)
        #expect(failure(list([("a", [0])])) == .invalidText)
        #expect(failure(list([("a", [0xC2, 0x85])])) == .invalidText)
        #expect(failure(list([("a", [0xFF])])) == .invalidText)
        #expect(failure(list([("a-b", [])])) == .invalidText)
        #expect(failure(list([("", [])])) == .invalidText)
        #expect(failure(list([("a", []), ("a", [])])) == .unexpected)
        #expect(failure(list([("a", [])], omitted: ["a"])) == .unexpected)
        #expect(failure(list([], name: "a\u{1B}")) == .invalidText)
        #expect(failure(array([vk, vk].encoded())) == .unexpected)
    }
}

struct CloudMergeTests {
    @Test func `secure values lie over the cloud of the same name`() {
        let open = [cloud("a", ["username": "me", "password": "old"]), cloud("b", ["region_name": "r"])]
        let secure = [cloud("a", ["password": "new"]), cloud("c", ["password": "c"])]
        let merged = open.merging(secure: secure)
        #expect(merged?.map(\.name) == ["a", "b", "c"])
        #expect(merged?.map(\.lines) == [["username=me", "password=new"], ["region_name=r"], ["password=c"]])
    }

    @Test func `a merge beyond a limit is refused`() {
        var full = CloudSettings(name: "a")
        for number in 0..<CloudSettings.values { full.set("k\(number)", slice("")) }
        #expect([full].merging(secure: [cloud("a", ["k1": "x"])]) != nil)
        #expect([full].merging(secure: [cloud("a", ["other": "x"])]) == nil)
        let many = (0..<CloudSettings.clouds).map { cloud("\($0)", [:]) }
        #expect(many.merging(secure: [cloud("one more", [:])]) == nil)
    }
}

struct CloudFieldsTests {
    @Test func `every setting has its field, and secrets are marked`() {
        let fields = CloudFields.fields(of: vk)
        func value(_ name: FieldName) -> FieldValue? { fields.first { $0.name == name }?.value }
        #expect(value(.username) == .text(slice("me@example.com")))
        #expect(value(.password) == .text(slice("p\"1\\\n#ж")))
        #expect(value(.custom("auth-type")) == .marked(slice("v3password"), false))
        #expect(value(.custom("user-domain")) == .marked(slice("users"), false))
        #expect(value(.custom("openstack-volume-api-version")) == .marked(slice("3"), false))
        #expect(value(.custom("openstack-cacert")) == .marked(slice("~/ca.pem"), false))
        #expect(fields.count == vk.values.count - 1, "the passcode is not kept")
        let credential = CloudFields.fields(of: cloud("", ["application_credential_secret": "s", "token": ""]))
        #expect(credential.map(\.name) == [.custom("application-credential-secret")])
        #expect(credential.map(\.value) == [.marked(slice("s"), true)])
    }

    @Test func `settings come back from their fields`() {
        for value in vk.values where value.key != "passcode" {
            let field = CloudFields.field(of: value.key)
            #expect(field.flatMap { CloudFields.key(of: $0) } == value.key)
        }
        #expect(CloudFields.key(of: .custom("openstack-auth-url")) == nil)
        #expect(CloudFields.key(of: .custom("openstack-Ж")) == nil)
        #expect(CloudFields.key(of: .custom("openstack-passcode")) == nil)
        #expect(CloudFields.key(of: .custom("pin")) == nil)
        #expect(CloudFields.key(of: .notes) == nil)
    }

    @Test func `settings have their names in the environment and in clouds yaml`() {
        #expect(CloudFields.variable(of: "user_domain_name") == "OS_USER_DOMAIN_NAME")
        #expect(CloudFields.path(of: "password") == ["auth", "password"])
        #expect(CloudFields.path(of: "region_name") == ["region_name"])
    }

    @Test func `kinds of authentication have one name`() {
        for (one, name) in [
            ("password", "v3password"), ("V3Password", "v3password"), ("v3_totp", "v3totp"),
            ("application_credential", "v3applicationcredential"), ("v3multifactor", "v3multifactor"), ("none", "none"),
        ] {
            #expect(CloudFields.canonicalAuthType(slice(one)) == slice(name))
        }
    }
}

struct CloudTextTests {
    @Test func `the public part has no secret and the secret part nothing else`() {
        #expect(
            text(CloudText.publicPart(vk)) == """
                clouds:
                  "vk":
                    auth:
                      auth_url: "https://infra.mail.ru:35357/v3/"
                      username: "me@example.com"
                      user_domain_name: "users"
                      project_id: "0f1e"
                    auth_type: "password"
                    region_name: "RegionOne"
                    interface: "public"
                    identity_api_version: "3"
                    "cacert": "~/ca.pem"
                    "volume_api_version": "3"

                """)
        guard let secret = CloudText.secretPart(vk) else {
            Issue.record("there are secrets")
            return
        }
        #expect(
            text(secret) == """
                clouds:
                  "vk":
                    auth:
                      password: "p\\"1\\\\\\n#ж"
                      passcode: "123456"

                """)
        let none = CloudText.secretPart(cloud("a", ["region_name": "r"])) == nil
        #expect(none)
    }

    @Test func `what YAML or a reader would not see is escaped`() {
        let odd = cloud(
            "a\u{202E}", ["region_name": "\u{2028}\u{FEFF}\u{FFFE}\t\u{1F511}\u{E9}", "auth_methods": "a,b,"])
        #expect(
            text(CloudText.publicPart(odd)) == """
                clouds:
                  "a\\u202E":
                    auth:
                      auth_methods: ["a", "b", ""]
                    region_name: "\\u2028\\uFEFF\\uFFFE\\t\u{1F511}\u{E9}"

                """)
        #expect(text(CloudText.publicPart(cloud("a", [:]))) == "clouds:\n  \"a\": {}\n")
    }
}
