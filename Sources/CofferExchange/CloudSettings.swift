/// The settings of one OpenStack cloud, in the neutral form in which every reader of a foreign file hands them on.
package import CofferMemory

/// The settings of one cloud under OpenStack's own names, as in clouds.yaml, without the `auth.` in front: `auth_url`,
/// `username`, `region_name`. Names that this program does not know are kept.
package struct CloudSettings: Sendable, Equatable {
    /// One setting. The text is valid UTF-8 and has no control characters but tabs and line feeds.
    package struct Value: Sendable, Equatable {
        package let key: String
        package let text: SecretSlice

        package init(key: String, text: SecretSlice) {
            self.key = key
            self.text = text
        }
    }

    /// How many clouds a list may have.
    package static let clouds = 256
    /// How many settings a cloud may have.
    package static let values = 256
    /// How long the name of a setting may be, in bytes: `openstack-` and the name fit into the name of a field.
    package static let keyCount = 1...54
    /// How long a value may be, in bytes.
    package static let valueCount = 64 * 1024
    /// How long the name of a cloud may be, in bytes.
    package static let nameCount = 256

    /// Empty for an openrc file, which names no cloud.
    package let name: String
    /// In the order of the file; no key twice.
    package private(set) var values: [Value]
    /// The names of settings that are structures (`networks`, `regions`) and are not kept; none is in ``values``.
    package private(set) var omitted: [String]

    package init(name: String) { self.init(name: name, values: [], omitted: []) }

    /// The caller has checked everything.
    init(name: String, values: [Value], omitted: [String]) {
        self.name = name
        self.values = values
        self.omitted = omitted
    }

    /// The value of `key`; nil when it is not set.
    package subscript(key: String) -> SecretSlice? { values.first { $0.key == key }?.text }

    /// Sets `key`, at its place when it is there already. The caller has checked key, text and ``values``.
    package mutating func set(_ key: String, _ text: SecretSlice) {
        let value = Value(key: key, text: text)
        omitted.removeAll { $0 == key }
        guard let position = values.firstIndex(where: { $0.key == key }) else { return values.append(value) }
        values[position] = value
    }

    /// Notes that `key` is a structure, unless it has a value already.
    package mutating func omit(_ key: String) {
        guard self[key] == nil && !omitted.contains(key) else { return }
        omitted.append(key)
    }

    /// These settings with those of `secure` over them, as secure.yaml lies over clouds.yaml; nil when there would be
    /// more than ``values``.
    package func merging(secure: CloudSettings) -> CloudSettings? {
        var merged = self
        for value in secure.values { merged.set(value.key, value.text) }
        for key in secure.omitted { merged.omit(key) }
        guard merged.values.count <= Self.values, merged.omitted.count <= Self.values else { return nil }
        return merged
    }
}

extension [CloudSettings] {
    /// These clouds with the values of the clouds of the same name in secure.yaml; a cloud that only secure.yaml has
    /// comes last. Nil when a limit would be passed.
    package func merging(secure: [CloudSettings]) -> [CloudSettings]? {
        var merged = self
        for cloud in secure {
            // Compared by bytes: `String` takes a composed and a decomposed letter for one.
            let position = merged.firstIndex { $0.name.utf8.elementsEqual(cloud.name.utf8) }
            guard let position else {
                merged.append(cloud)
                continue
            }
            guard let both = merged[position].merging(secure: cloud) else { return nil }
            merged[position] = both
        }
        return merged.count <= CloudSettings.clouds ? merged : nil
    }
}

// MARK: Names

extension CloudSettings {
    /// Whether the value of `key` is a secret, also where nobody knows the key: rather one too many.
    package static func isSecret(_ key: String) -> Bool {
        let key = key.lowercased()
        let isNamedSo = ["pass", "secret", "token", "key", "credentials"].contains { key.contains($0) }
        return isNamedSo || !isHarmless(key)
    }

    /// Whether the name says that there is no secret: an address, an id, a version.
    private static func isHarmless(_ key: String) -> Bool {
        let ends = [
            "_id", "_name", "_url", "_version", "_type", "_interface", "_endpoint", "_endpoint_override", "_scope",
            "_methods", "_domain", "_provider", "_microversion",
        ]
        let whole: Set<String> = [
            "username", "interface", "cacert", "cert", "verify", "insecure", "profile", "region", "protocol", "timeout",
            "cloud", "debug",
        ]
        return whole.contains(key) || (ends.contains { key.hasSuffix($0) } && key != "sas_url")
    }

    /// Whether `key` can name a setting: small ASCII letters, digits and underscores. Two spellings of one name would be one
    /// variable of the environment.
    package static func isKey(_ key: String) -> Bool {
        keyCount.contains(key.utf8.count)
            && key.utf8.allSatisfy { isLetterOrDigit($0) && !isCapital($0) || $0 == UInt8(ascii: "_") }
    }

    private static func isCapital(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }

    /// Whether `name` can name a cloud.
    package static func isName(_ name: String) -> Bool {
        name.utf8.count <= nameCount && !name.unicodeScalars.contains { isControl($0) }
    }

    /// Whether `text`, valid UTF-8, can be a value.
    package static func isText(_ text: borrowing Span<UInt8>) -> Bool {
        guard text.count <= valueCount else { return false }
        return isPrintable(text)
    }

    /// The one name of a setting that OpenStack knows by several: hyphens are underscores, and old names are new ones.
    package static func canonicalKey(_ key: String) -> String {
        let key = String(key.map { $0 == "-" ? "_" : $0 })
        return oldKeys[key] ?? key
    }

    /// Whether OpenStack reads `key` for another one, which wins where both are there.
    package static func isOldKey(_ key: String) -> Bool { canonicalKey(key) != key }

    /// As openstacksdk and keystoneauth read them.
    private static let oldKeys = [
        "tenant_id": "project_id", "tenant_name": "project_name", "endpoint_type": "interface",
        "auth_token": "token", "user_name": "username",
    ]

    package static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// Whether `text`, valid UTF-8, has no control characters but tabs and line feeds.
    private static func isPrintable(_ text: borrowing Span<UInt8>) -> Bool {
        for index in text.indices {
            let byte = text[index]
            // The controls of Latin-1 are C2 and the control's number.
            let isLatinControl = byte == 0xC2 && index + 1 < text.count && text[index + 1] < 0xA0
            guard !isControlByte(byte) && !isLatinControl else { return false }
        }
        return true
    }

    /// Whether `byte` is a control character of ASCII other than tab and line feed.
    package static func isControlByte(_ byte: UInt8) -> Bool {
        (byte < 0x20 && byte != 0x09 && byte != 0x0A) || byte == 0x7F
    }
}
