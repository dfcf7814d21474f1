/// Why a text from outside is refused, and where.

/// What every reader of such a text throws. It carries no byte of the text.
package struct TextFailure: Error, Equatable, Sendable {
    /// Counted from 1.
    package let line: Int
    package let reason: TextRefusal

    package init(line: Int, reason: TextRefusal) {
        self.line = line
        self.reason = reason
    }
}

/// The reasons, with the numbers by which they cross the pipe (docs/convert.md).
package enum TextRefusal: UInt64, Sendable, CaseIterable {
    /// More bytes than the limit of its kind.
    case tooLong = 1
    case notUTF8
    /// NUL or another character that the format or a setting cannot have.
    case controlCharacter

    // Of openrc files.
    /// `$(…)`, backticks, `<(…)`: the value is what a program prints.
    case commandSubstitution
    /// `<<`: a here document.
    case hereDocument
    /// A quotation mark or a brace without its other, or `fi` without `if`.
    case unbalanced
    /// `f() {…}` or `function f`.
    case function
    /// `(…)`: a subshell or an array.
    case parenthesis
    /// `source` or `.`: what the other file sets is unknown.
    case otherFile
    /// `eval`, `declare`, `return`, `|`, `&`, or a command whose name is in a variable: what the file sets then is unknown.
    case unknownCommand
    /// `$'…'`, `$"…"`, `~`, `{…}`, or a form of `${…}` that is more than a variable and its default.
    case expansion
    /// Too many settings, or a name or value that is too long, perhaps once variables are put in.
    case tooMuch

    // Of YAML files.
    /// Not YAML.
    case syntax
    /// More than one document.
    case severalDocuments
    /// A key that its mapping has already.
    case duplicateKey
    /// Structures in structures, aliases put in.
    case tooDeep
    /// Too many nodes once aliases are put in, too many clouds, or too many settings of one.
    case tooManyNodes
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
}
