/// Writes one cloud as clouds.yaml, and its secrets as secure.yaml.
package import CofferMemory

/// YAML in which nothing depends on what a value looks like: every text is double-quoted (YAML 1.2 §7.3.1), so that
/// `yes`, `3` and `#` stay what they are and no value can end its line.
package struct CloudText: ~Copyable {
    private var text: SecretBuilder

    private init() { text = SecretBuilder() }

    /// The cloud without its secrets, as a whole clouds.yaml.
    ///
    /// `alsoSecret` are settings that are secret though their names do not tell.
    package static func publicPart(_ cloud: CloudSettings, alsoSecret: Set<String> = []) -> SecretBytes {
        write(cloud) { !CloudSettings.isSecret($0) && !alsoSecret.contains($0) }
    }

    /// The cloud's secrets, as a whole secure.yaml; nil when it has none.
    package static func secretPart(_ cloud: CloudSettings, alsoSecret: Set<String> = []) -> SecretBytes? {
        let isSecret = { (key: String) in CloudSettings.isSecret(key) || alsoSecret.contains(key) }
        guard cloud.values.contains(where: { isSecret($0.key) }) else { return nil }
        return write(cloud, where: isSecret)
    }

    private static func write(_ cloud: CloudSettings, where isWanted: (String) -> Bool) -> SecretBytes {
        var writer = CloudText()
        let values = cloud.values.filter { isWanted($0.key) }
        writer.text.append("clouds:\n  ")
        writer.append(quoted: Array(cloud.name.utf8).span)
        writer.text.append(values.isEmpty ? ": {}\n" : ":\n")
        let auth = values.filter { CloudFields.path(of: $0.key).count == 2 }
        if !auth.isEmpty { writer.text.append("    auth:\n") }
        for value in auth { writer.append(value, indent: "      ") }
        for value in values where CloudFields.path(of: value.key).count == 1 {
            writer.append(value, indent: "    ")
        }
        return writer.finish()
    }

    private consuming func finish() -> SecretBytes { text.finish() }

    private mutating func append(_ value: CloudSettings.Value, indent: String) {
        text.append(indent)
        // Of foreign keys one may be `no` or `1`.
        if CloudFields.isKnown(value.key) { text.append(value.key) } else { append(quoted: Array(value.key.utf8).span) }
        text.append(": ")
        // The one setting of OpenStack that is a list.
        if value.key == "auth_methods" { append(list: value.text.span) } else { append(quoted: value.text.span) }
        text.append("\n")
    }

    private mutating func append(list: borrowing Span<UInt8>) {
        text.append("[")
        var start = 0
        for index in 0...list.count where index == list.count || list[index] == UInt8(ascii: ",") {
            if start > 0 { text.append(", ") }
            append(quoted: list.extracting(start..<index))
            start = index + 1
        }
        text.append("]")
    }

    /// A double-quoted scalar of `bytes`, which are valid UTF-8.
    private mutating func append(quoted bytes: borrowing Span<UInt8>) {
        text.append("\"")
        var index = 0
        while index < bytes.count {
            let (scalar, count) = Self.scalar(bytes, at: index)
            switch scalar {
            case 0x0A: text.append("\\n")
            case 0x09: text.append("\\t")
            case UInt32(UInt8(ascii: "\"")), UInt32(UInt8(ascii: "\\")):
                text.append("\\")
                text.append(UInt8(scalar))
            case _ where Self.isShown(scalar): text.append(bytes.extracting(index..<index + count))
            default: append(escaped: scalar)
            }
            index += count
        }
        text.append("\"")
    }

    private mutating func append(escaped scalar: UInt32) {
        text.append(scalar > 0xFFFF ? "\\U" : "\\u")
        for shift in stride(from: scalar > 0xFFFF ? 28 : 12, through: 0, by: -4) {
            text.append(Array("0123456789ABCDEF".utf8)[Int(scalar >> UInt32(shift)) & 0xF])
        }
    }

    /// Whether YAML lets `scalar` stand for itself and a reader sees it: no line ends, no marks that turn the
    /// direction of writing, nothing that is no character.
    private static func isShown(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x2028, 0x2029, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: false
        case 0x20...0x7E, 0xA0...0xFFFD, 0x1_0000...0x10_FFFF: true
        default: false
        }
    }

    /// The scalar at `index` of valid UTF-8, and its number of bytes.
    private static func scalar(_ bytes: borrowing Span<UInt8>, at index: Int) -> (scalar: UInt32, count: Int) {
        let first = bytes[index]
        let count = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        // The first byte has 7, 5, 4 or 3 bits, each one behind it 6.
        var scalar = UInt32(first) & (count == 1 ? 0x7F : 0x7F >> UInt32(count))
        for next in bytes.extracting(index..<index + count).indices.dropFirst() {
            scalar = scalar << 6 | UInt32(bytes[index + next] & 0x3F)
        }
        return (scalar, count)
    }
}
