/// Colour and weight, where a terminal shows them and the person wants them.

package enum Style: Sendable {
    case heading
    case label
    case faint
    case good
    case warning
    case bad

    /// Turns the style on (ECMA-48, SGR).
    fileprivate var sequence: StaticString {
        switch self {
        case .heading: "\u{1B}[1m"
        case .label: "\u{1B}[36m"
        case .faint: "\u{1B}[2m"
        case .good: "\u{1B}[32m"
        case .warning: "\u{1B}[33m"
        case .bad: "\u{1B}[31m"
        }
    }
}

extension Output {
    /// Starts a style if this output uses any; ``endStyle(in:)`` ends it.
    package func begin(_ style: Style, in sink: inout some ByteSink & ~Copyable) {
        if usesColor { sink.append(fixed: style.sequence) }
    }

    package func endStyle(in sink: inout some ByteSink & ~Copyable) {
        if usesColor { sink.append(fixed: "\u{1B}[0m") }
    }

    /// Appends fixed text in a style.
    package func append(fixed text: StaticString, _ style: Style, to sink: inout some ByteSink & ~Copyable) {
        begin(style, in: &sink)
        sink.append(fixed: text)
        endStyle(in: &sink)
    }
}
