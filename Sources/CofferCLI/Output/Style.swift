/// Colour and weight, where a terminal shows them and the person wants them.

package enum Style: Sendable {
    case label
    case faint
    /// What will not last.
    case late

    /// Turns the style on (ECMA-48, SGR).
    fileprivate var sequence: StaticString {
        switch self {
        case .label: "\u{1B}[36m"
        case .faint: "\u{1B}[2m"
        case .late: "\u{1B}[33m"
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
}
