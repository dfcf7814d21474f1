/// Reads the clouds of a clouds.yaml or secure.yaml.
package import CofferExchange
import CofferMemory
import Yams

/// Why a file is refused. It carries no text of the file.
package struct CloudsYAMLError: Error, Equatable, Sendable {
    package enum Reason: Equatable, Sendable {
        /// More than ``CloudsYAML/textCount`` bytes.
        case tooLong(maximumBytes: Int)
        /// Not UTF-8.
        case notUTF8
        /// NUL or another character that YAML or a setting cannot have.
        case controlCharacter
        /// Not YAML.
        case syntax
        /// More than one document.
        case severalDocuments
        /// A key that its mapping has already.
        case duplicateKey
        /// Structures in structures, aliases put in.
        case tooDeep(maximum: Int)
        /// More nodes than ``CloudsYAML/nodes`` once aliases are put in.
        case tooManyNodes(maximum: Int)
        /// An alias of what is not there (yet), or in a place where it means nothing.
        case alias
        /// A tag that says that the text is not what it looks like: `!vault`, `!!binary`.
        case tag
        /// No mapping where one must be: the document, `clouds`, a cloud, its `auth`, what `<<` takes in.
        case notAMapping
        /// A key that is no text, or a name that no cloud or setting can have.
        case name
        /// There is no `clouds`.
        case noClouds
        /// More than ``CloudSettings/clouds``.
        case tooManyClouds(maximum: Int)
        /// More than ``CloudSettings/values`` in one cloud.
        case tooManyValues(maximum: Int)
        /// A value of more than ``CloudSettings/valueCount`` bytes.
        case valueTooLong(maximumBytes: Int)
    }

    /// Counted from 1.
    package let line: Int
    package let reason: Reason

    package init(line: Int, reason: Reason) {
        self.line = line
        self.reason = reason
    }
}

/// The mapping `clouds` of a file as OpenStack's tools read it: `auth` is flattened, scalars are texts, and anchors,
/// aliases and `<<` are honoured.
///
/// Yams gives texts as `String`: a password of the file is in ordinary memory that nobody wipes. That is why this runs
/// in a process of its own, which has no other secret and ends with its answer.
package enum CloudsYAML {
    /// The largest file, in bytes.
    package static let textCount = 1024 * 1024
    /// The most nodes, where a node counts as often as aliases put it in.
    package static let nodes = 100_000
    /// How deep mappings and lists may be in each other.
    package static let depth = 16

    package static func parse(_ text: borrowing Span<UInt8>) throws(CloudsYAMLError) -> [CloudSettings] {
        guard text.count <= textCount else {
            throw CloudsYAMLError(line: 1, reason: .tooLong(maximumBytes: textCount))
        }
        try check(text)
        let marker = try AliasMarker(text)
        let yaml = marker.marked(text)
        do {
            // Rules for numbers and dates are not asked for, so that `on` and `0123` stay what is written.
            let parser = try Parser(yaml: yaml, resolver: .basic, encoding: .utf8)
            // The parser owns the names of the anchors, which its nodes only point to.
            return try withExtendedLifetime(parser) {
                guard let root = try parser.singleRoot() else { throw CloudsYAMLError(line: 1, reason: .noClouds) }
                var builder = YAMLItemBuilder(marker: marker)
                return try CloudsOfYAML.clouds(in: builder.item(root, level: 1))
            }
        } catch let error as CloudsYAMLError {
            throw error
        } catch {
            throw Self.error(error, in: yaml)
        }
    }

    /// Refuses what is no text, and what will have too many nodes: most have one of these marks, and libyaml looks for
    /// each at every list that is open.
    private static func check(_ text: borrowing Span<UInt8>) throws(CloudsYAMLError) {
        var (line, marks) = (1, 0)
        for index in text.indices {
            let byte = text[index]
            if ",:[{\n".utf8.contains(byte) { marks += 1 }
            guard marks <= 2 * nodes else {
                throw CloudsYAMLError(line: line, reason: .tooManyNodes(maximum: nodes))
            }
            if byte == 0x0A { line += 1 }
            let isControl = (byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D) || byte == 0x7F
            guard !isControl else { throw CloudsYAMLError(line: line, reason: .controlCharacter) }
        }
        guard (try? UTF8Span(validating: text.extracting(0..<text.count))) != nil else {
            throw CloudsYAMLError(line: 1, reason: .notUTF8)
        }
    }

    private static func error(_ error: any Error, in yaml: String) -> CloudsYAMLError {
        switch error {
        case YamlError.scanner(_, _, let mark, _): CloudsYAMLError(line: mark.line, reason: .syntax)
        case YamlError.parser(_, let problem, let mark, _):
            // libyaml itself goes a thousand structures deep before it gives up.
            CloudsYAMLError(
                line: mark.line,
                reason: problem.hasPrefix("Maximum nesting") ? .tooDeep(maximum: depth) : .syntax)
        case YamlError.composer(_, _, let mark, _): CloudsYAMLError(line: mark.line, reason: .severalDocuments)
        case YamlError.duplicatedKeysInMapping(_, let context):
            CloudsYAMLError(line: context.mark.line, reason: .duplicateKey)
        case YamlError.reader(_, let offset, _, _):
            CloudsYAMLError(
                line: yaml.prefix(offset ?? 0).count { $0.isNewline } + 1, reason: .controlCharacter)
        default: CloudsYAMLError(line: 1, reason: .syntax)
        }
    }
}

/// Keeps Yams from putting in aliases, which it does before anybody can count: a key that is a list of lists of
/// aliases is hashed in full while it reads.
///
/// Every asterisk of the file is given to Yams as a private character that the file does not have. A plain scalar that
/// begins with it was an alias; everywhere else it is an asterisk again.
struct AliasMarker {
    /// U+F800 to U+F83F; in UTF-8 they differ in the last byte alone.
    private static let candidates: UInt8 = 64

    private let number: UInt8
    private let scalar: Unicode.Scalar

    init(_ text: borrowing Span<UInt8>) throws(CloudsYAMLError) {
        var isUsed = [Bool](repeating: false, count: Int(Self.candidates))
        for index in 0..<max(text.count - 2, 0) {
            if text[index] == 0xEF && text[index + 1] == 0xA0 {
                isUsed[Int(text[index + 2] & 0x3F)] = true
            } else if index + 3 < text.count, let number = Self.escaped(text, at: index) {
                isUsed[number] = true
            }
        }
        guard let free = isUsed.firstIndex(of: false) else {
            throw CloudsYAMLError(line: 1, reason: .controlCharacter)
        }
        number = UInt8(free)
        scalar = Unicode.Scalar(UInt16(0xF800 + free)) ?? "\u{F800}"
    }

    /// The candidate that a double-quoted text may have as `\uF8..`.
    private static func escaped(_ text: borrowing Span<UInt8>, at index: Int) -> Int? {
        guard text[index] | 0x20 == UInt8(ascii: "f"), text[index + 1] == UInt8(ascii: "8") else { return nil }
        let digits = String(decoding: [text[index + 2], text[index + 3]], as: UTF8.self)
        guard let number = Int(digits, radix: 16), (0..<Int(candidates)).contains(number) else { return nil }
        return number
    }

    /// The text, valid UTF-8, with every asterisk replaced and without a byte order mark.
    func marked(_ text: borrowing Span<UInt8>) -> String {
        let hasMark = text.count >= 3 && text[0] == 0xEF && text[1] == 0xBB && text[2] == 0xBF
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        for index in (hasMark ? 3 : 0)..<text.count {
            if text[index] == UInt8(ascii: "*") {
                bytes += [0xEF, 0xA0, 0x80 + number]
            } else {
                bytes.append(text[index])
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The name of the anchor when the scalar was an alias.
    func alias(_ scalar: Node.Scalar) -> String? {
        guard scalar.style == .plain, scalar.string.unicodeScalars.first == self.scalar else { return nil }
        return String(String.UnicodeScalarView(scalar.string.unicodeScalars.dropFirst()))
    }

    func restored(_ text: String) -> String {
        guard text.unicodeScalars.contains(scalar) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == scalar ? "*" : $0 }))
    }
}

/// A node of the file; an alias is the very item that its anchor stands at.
final class YAMLItem {
    enum Content {
        /// A scalar that is not quoted may be a null.
        case scalar(String, isPlain: Bool)
        case mapping([(key: String, line: Int, value: YAMLItem)])
        case list([YAMLItem])
    }

    let line: Int
    let content: Content
    /// The nodes in it, itself included, aliases put in.
    let count: Int
    /// The levels in it, itself included, aliases put in.
    let depth: Int

    init(line: Int, content: Content) {
        self.line = line
        self.content = content
        let children: [YAMLItem] =
            switch content {
            case .scalar: []
            case .mapping(let pairs): pairs.map(\.value)
            case .list(let items): items
            }
        // No item has more nodes than ``CloudsYAML/nodes``, and none has more children.
        count = children.reduce(1) { $0 + $1.count }
        depth = 1 + (children.map(\.depth).max() ?? 0)
    }
}

/// Makes items of Yams' nodes, in the order of the file, and counts them.
struct YAMLItemBuilder {
    let marker: AliasMarker
    private var anchors: [String: YAMLItem] = [:]
    private var count = 0

    init(marker: AliasMarker) { self.marker = marker }

    mutating func item(_ node: Node, level: Int) throws(CloudsYAMLError) -> YAMLItem {
        let line = node.mark?.line ?? 1
        guard level <= CloudsYAML.depth else { throw tooDeep(line) }
        let item: YAMLItem
        switch node {
        case .alias: throw CloudsYAMLError(line: line, reason: .alias)
        case .scalar(let scalar):
            if let name = marker.alias(scalar) { return try alias(name, scalar, level, line) }
            try add(1, line)
            let text = marker.restored(scalar.string)
            item = YAMLItem(line: line, content: .scalar(text, isPlain: scalar.style == .plain))
        case .sequence(let sequence):
            try add(1, line)
            var items: [YAMLItem] = []
            for node in sequence { items.append(try self.item(node, level: level + 1)) }
            item = YAMLItem(line: line, content: .list(items))
        case .mapping(let mapping):
            try add(1, line)
            item = YAMLItem(line: line, content: .mapping(try pairs(mapping, level)))
        }
        guard Self.tags.contains(node.tag.rawValue) else { throw CloudsYAMLError(line: line, reason: .tag) }
        // Only now: a node cannot contain itself.
        if let anchor = node.anchor { anchors[anchor.rawValue] = item }
        return item
    }

    private static let tags = Set(
        ["", "!"] + ["str", "int", "float", "bool", "null", "map", "seq"].map { "tag:yaml.org,2002:" + $0 })

    private mutating func alias(
        _ name: String, _ scalar: Node.Scalar, _ level: Int, _ line: Int
    ) throws(CloudsYAMLError) -> YAMLItem {
        // An alias has no anchor and no tag of its own.
        guard let item = anchors[name], scalar.anchor == nil else {
            throw CloudsYAMLError(line: line, reason: .alias)
        }
        try add(item.count, line)
        guard level + item.depth - 1 <= CloudsYAML.depth else { throw tooDeep(line) }
        return item
    }

    private mutating func pairs(
        _ mapping: Node.Mapping, _ level: Int
    ) throws(CloudsYAMLError) -> [(key: String, line: Int, value: YAMLItem)] {
        var pairs: [(key: String, line: Int, value: YAMLItem)] = []
        var merged: [YAMLItem] = []
        for (key, value) in mapping {
            let line = key.mark?.line ?? 1
            guard case .scalar(let scalar) = key, marker.alias(scalar) == nil else {
                throw CloudsYAMLError(line: line, reason: .name)
            }
            let name = try item(key, level: level + 1)
            guard case .scalar(let text, let isPlain) = name.content else { continue }
            let item = try self.item(value, level: level + 1)
            if isPlain && text == "<<" { merged.append(item) } else { pairs.append((text, line, item)) }
        }
        guard !merged.isEmpty else { return pairs }
        var names = Set(pairs.map { Array($0.key.utf8) })
        for item in merged {
            // Of several the first wins.
            let sources: [YAMLItem] = if case .list(let items) = item.content { items } else { [item] }
            for source in sources {
                guard case .mapping(let more) = source.content else {
                    throw CloudsYAMLError(line: source.line, reason: .notAMapping)
                }
                for pair in more where names.insert(Array(pair.key.utf8)).inserted {
                    // Counted once more: they are here and at their anchor.
                    try add(pair.value.count, pair.line)
                    pairs.append(pair)
                }
            }
        }
        return pairs
    }

    private mutating func add(_ nodes: Int, _ line: Int) throws(CloudsYAMLError) {
        count += nodes
        guard count <= CloudsYAML.nodes else {
            throw CloudsYAMLError(line: line, reason: .tooManyNodes(maximum: CloudsYAML.nodes))
        }
    }

    private func tooDeep(_ line: Int) -> CloudsYAMLError {
        CloudsYAMLError(line: line, reason: .tooDeep(maximum: CloudsYAML.depth))
    }
}

/// Finds the clouds among the items of a file.
enum CloudsOfYAML {
    private typealias Pairs = [(key: String, line: Int, value: YAMLItem)]

    static func clouds(in root: YAMLItem) throws(CloudsYAMLError) -> [CloudSettings] {
        let top = try pairs(of: root)
        guard let clouds = top.first(where: { $0.key == "clouds" })?.value else {
            throw CloudsYAMLError(line: 1, reason: .noClouds)
        }
        var found: [CloudSettings] = []
        for (name, line, item) in try pairs(of: clouds) {
            guard found.count < CloudSettings.clouds else {
                throw CloudsYAMLError(line: line, reason: .tooManyClouds(maximum: CloudSettings.clouds))
            }
            guard !name.isEmpty, CloudSettings.isName(name) else { throw CloudsYAMLError(line: line, reason: .name) }
            found.append(try cloud(name, item))
        }
        return found
    }

    private static func cloud(_ name: String, _ item: YAMLItem) throws(CloudsYAMLError) -> CloudSettings {
        var cloud = CloudSettings(name: name)
        let values = try pairs(of: item)
        var auth: Pairs = []
        if let item = values.first(where: { $0.key == "auth" })?.value { auth = try pairs(of: item) }
        // What is set later gives way: `auth` comes first, and old names come last.
        let all = auth + values.filter { $0.key != "auth" }
        for isOld in [false, true] {
            for pair in all {
                let key = CloudSettings.canonicalKey(pair.key)
                guard CloudSettings.isKey(key) else { throw CloudsYAMLError(line: pair.line, reason: .name) }
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
    ) throws(CloudsYAMLError) {
        guard cloud.values.count + cloud.omitted.count < CloudSettings.values else {
            throw CloudsYAMLError(line: line, reason: .tooManyValues(maximum: CloudSettings.values))
        }
        guard let text = text(of: item, key) else {
            if !isNull(item) { cloud.omit(key) }
            return
        }
        guard text.utf8.count <= CloudSettings.valueCount else {
            throw CloudsYAMLError(line: line, reason: .valueTooLong(maximumBytes: CloudSettings.valueCount))
        }
        let bytes = Array(text.utf8)
        guard CloudSettings.isText(bytes.span) else { throw CloudsYAMLError(line: line, reason: .controlCharacter) }
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
    private static func pairs(of item: YAMLItem) throws(CloudsYAMLError) -> Pairs {
        guard case .mapping(let pairs) = item.content else {
            guard isNull(item) else { throw CloudsYAMLError(line: item.line, reason: .notAMapping) }
            return []
        }
        return pairs
    }
}
