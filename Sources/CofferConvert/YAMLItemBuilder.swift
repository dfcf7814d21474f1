/// Makes items of what Yams has read, within the limits.
import CofferExchange
import Yams

/// Makes items of Yams' nodes, in the order of the file, and counts them.
struct YAMLItemBuilder {
    let marker: AliasMarker
    private var anchors: [String: YAMLItem] = [:]
    private var count = 0

    init(marker: AliasMarker) { self.marker = marker }

    mutating func item(_ node: Node, level: Int) throws(TextFailure) -> YAMLItem {
        let line = node.mark?.line ?? 1
        guard level <= CloudsYAML.depth else { throw tooDeep(line) }
        let item: YAMLItem
        switch node {
        case .alias: throw TextFailure(line: line, reason: .alias)
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
        guard Self.tags.contains(node.tag.rawValue) else { throw TextFailure(line: line, reason: .tag) }
        // Only now: a node cannot contain itself.
        if let anchor = node.anchor { anchors[anchor.rawValue] = item }
        return item
    }

    private static let tags = Set(
        ["", "!"] + ["str", "int", "float", "bool", "null", "map", "seq"].map { "tag:yaml.org,2002:" + $0 })

    private mutating func alias(
        _ name: String, _ scalar: Node.Scalar, _ level: Int, _ line: Int
    ) throws(TextFailure) -> YAMLItem {
        // An alias has no anchor and no tag of its own.
        guard let item = anchors[name], scalar.anchor == nil else {
            throw TextFailure(line: line, reason: .alias)
        }
        try add(item.count, line)
        guard level + item.depth - 1 <= CloudsYAML.depth else { throw tooDeep(line) }
        return item
    }

    private mutating func pairs(
        _ mapping: Node.Mapping, _ level: Int
    ) throws(TextFailure) -> [(key: String, line: Int, value: YAMLItem)] {
        var pairs: [(key: String, line: Int, value: YAMLItem)] = []
        var merged: [YAMLItem] = []
        for (key, value) in mapping {
            let line = key.mark?.line ?? 1
            guard case .scalar(let scalar) = key, marker.alias(scalar) == nil else {
                throw TextFailure(line: line, reason: .name)
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
                    throw TextFailure(line: source.line, reason: .notAMapping)
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

    private mutating func add(_ nodes: Int, _ line: Int) throws(TextFailure) {
        count += nodes
        guard count <= CloudsYAML.nodes else {
            throw TextFailure(line: line, reason: .tooManyNodes)
        }
    }

    private func tooDeep(_ line: Int) -> TextFailure {
        TextFailure(line: line, reason: .tooDeep)
    }
}
