/// What a YAML file consists of, aliases put in and counted.

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
