/// The clouds among the items of a clouds.yaml.
import CofferExchange
import CofferMemory

/// Finds the clouds among the items of a file.
enum CloudsOfYAML {
    private typealias Pairs = [(key: String, line: Int, value: YAMLItem)]

    static func clouds(in root: YAMLItem) throws(TextFailure) -> [CloudSettings] {
        let top = try pairs(of: root)
        guard let clouds = top.first(where: { $0.key == "clouds" })?.value else {
            throw TextFailure(line: 1, reason: .noClouds)
        }
        var found: [CloudSettings] = []
        for (name, line, item) in try pairs(of: clouds) {
            guard found.count < CloudSettings.clouds else {
                throw TextFailure(line: line, reason: .tooManyNodes)
            }
            guard !name.isEmpty, CloudSettings.isName(name) else { throw TextFailure(line: line, reason: .name) }
            found.append(try cloud(name, item))
        }
        return found
    }

    private static func cloud(_ name: String, _ item: YAMLItem) throws(TextFailure) -> CloudSettings {
        var cloud = CloudSettings(name: name)
        let values = try pairs(of: item)
        var auth: Pairs = []
        if let item = values.first(where: { $0.key == "auth" })?.value { auth = try pairs(of: item) }
        // What is set later gives way: `auth` comes first, and old names come last.
        let all = auth + values.filter { $0.key != "auth" }
        for isOld in [false, true] {
            for pair in all {
                let key = CloudSettings.canonicalKey(pair.key)
                guard CloudSettings.isKey(key) else { throw TextFailure(line: pair.line, reason: .name) }
                guard isOldName(pair.key) == isOld, cloud[key] == nil else { continue }
                try set(key, pair.value, pair.line, in: &cloud)
            }
        }
        return cloud
    }

    /// Whether the name is more than another spelling with hyphens.
    private static func isOldName(_ key: String) -> Bool {
        CloudSettings.isOldKey(String(key.map { $0 == "-" ? "_" : $0 }))
    }

    private static func set(
        _ key: String, _ item: YAMLItem, _ line: Int, in cloud: inout CloudSettings
    ) throws(TextFailure) {
        guard cloud.values.count + cloud.omitted.count < CloudSettings.values else {
            throw TextFailure(line: line, reason: .tooManyNodes)
        }
        guard let text = text(of: item, key) else {
            if !isNull(item) { cloud.omit(key) }
            return
        }
        guard text.utf8.count <= CloudSettings.valueCount else {
            throw TextFailure(line: line, reason: .tooMuch)
        }
        let bytes = Array(text.utf8)
        guard CloudSettings.isText(bytes.span) else { throw TextFailure(line: line, reason: .controlCharacter) }
        cloud.set(key, SecretSlice(copying: bytes))
    }

    /// The text of a scalar; that of `auth_methods`, the one list that says who one is, has commas as its variable has.
    private static func text(of item: YAMLItem, _ key: String) -> String? {
        switch item.content {
        case .scalar(let text, _): return isNull(item) ? nil : text
        case .list(let items) where key == "auth_methods":
            let texts = items.compactMap { text(of: $0, "") }
            return texts.count == items.count ? texts.joined(separator: ",") : nil
        case .list, .mapping: return nil
        }
    }

    private static func isNull(_ item: YAMLItem) -> Bool {
        guard case .scalar(let text, isPlain: true) = item.content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// The pairs of a mapping; none of a null.
    private static func pairs(of item: YAMLItem) throws(TextFailure) -> Pairs {
        guard case .mapping(let pairs) = item.content else {
            guard isNull(item) else { throw TextFailure(line: item.line, reason: .notAMapping) }
            return []
        }
        return pairs
    }
}
