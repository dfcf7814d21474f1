/// Tells what is wrong with a command line without repeating a value from it: the value could be a secret.
import ArgumentParser
import CofferModel

/// Reads the argument parser's own errors, whose messages repeat what was typed, and says it in our words.
///
/// The parser keeps its error types to itself, so they are looked at by reflection. Anything unknown there becomes a
/// general sentence: no text of the parser is ever passed on.
package enum UsageReport {
    /// The error to report, or nil when `error` is not about the command line.
    package static func usageError(_ error: any Error, arguments: [String]) -> CLIError? {
        if let error = error as? ValidationError {
            // Our own validate() functions write these; they name options only.
            return .usage(why: error.message, remedy: "")
        }
        guard let parts = Parts(error) else { return nil }
        return parts.usageError(arguments)
    }

    /// Whether an argument is several short options in one, an h among them.
    static func isClusterWithHelp(_ argument: String) -> Bool {
        argument.count > 2 && argument.hasPrefix("-") && !argument.hasPrefix("--") && argument.contains("h")
    }

    static func unknownCluster(_ position: Int) -> CLIError {
        .usage(
            why: "Argument \(position + 1) is no option.",
            remedy: "A title that begins with a hyphen goes behind --. For help: coffer --help")
    }

    /// The error that a command's own `validate()` threw, which the parser wraps; nil for the parser's own errors.
    package static func ownError(_ error: any Error) -> (any Error)? {
        guard let parts = Parts(error), parts.kind == "userValidationError" else { return nil }
        return parts.payload as? any Error
    }

    /// What the parser's error holds.
    private struct Parts {
        let commands: [any ParsableCommand.Type]
        let kind: String
        let payload: Any

        init?(_ error: any Error) {
            let mirror = Mirror(reflecting: error)
            guard let parserError = mirror.descendant("parserError") else { return nil }
            commands = mirror.descendant("commandStack") as? [any ParsableCommand.Type] ?? []
            if let child = Mirror(reflecting: parserError).children.first {
                kind = child.label ?? ""
                payload = child.value
            } else {
                // A case without a payload: its description is its name.
                kind = String(describing: parserError)
                payload = ()
            }
        }

        func usageError(_ arguments: [String]) -> CLIError? {
            switch kind {
            case "userValidationError":
                if let error = payload as? ValidationError { return .usage(why: error.message, remedy: remedy) }
                return payload as? CLIError
            case "unknownOption": return unknownOption(arguments)
            case "unexpectedExtraValues": return extraValues(arguments)
            case "missingValueForOption", "missingValueOrUnknownCompositeOption":
                return usage("\(optionText) lacks its value.")
            case "unexpectedValueForOption":
                if let option, Self.secretNames.contains(option) { return .secretAsArgument(option: option) }
                return usage("\(optionText) takes no value.")
            case "duplicateExclusiveValues": return usage("Two options exclude each other.")
            case "noValue": return usage("\(missingText) is missing.")
            case "unableToParseValue": return usage("The value of \(optionText) is not one that it takes.")
            case "missingSubcommand": return usage("\(commandText) needs the name of what to do.")
            default: return usage("The command line is not understood.")
            }
        }

        private func usage(_ why: String) -> CLIError { .usage(why: why, remedy: remedy) }

        // MARK: Kinds

        private func unknownOption(_ arguments: [String]) -> CLIError {
            let typed = option ?? ""
            if Self.secretNames.contains(typed) { return .secretAsArgument(option: typed) }
            let place = argumentText(arguments)
            let near = NearNames.nearest(to: typed, among: knownOptions, limit: 1)
            guard let meant = near.first else { return usage("\(place) is no option of \(commandText).") }
            return .usage(
                why: "\(place) is no option of \(commandText).", remedy: "Did you mean \(meant)? " + remedy)
        }

        /// Commands beside whose title nothing but a secret could be meant.
        private static let takesOnlyTitle: Set<String> = ["add", "insert", "init", "passwd"]

        private func extraValues(_ arguments: [String]) -> CLIError {
            if commands.count > 1, let name = commands.last?._commandName, Self.takesOnlyTitle.contains(name) {
                return .secretAsArgument(option: "one more than \(commandText) takes")
            }
            guard commands.count == 1, let position, arguments.indices.contains(position) else {
                return usage("\(argumentText(arguments)) is one more than \(commandText) takes.")
            }
            // The first word is no command: perhaps a slip, perhaps a title.
            let names = commands[0].configuration.subcommands.flatMap {
                [$0._commandName] + $0.configuration.aliases
            }
            let near = NearNames.nearest(to: arguments[position], among: names, limit: 1)
            let meant = near.first.map { "Did you mean: coffer \($0)? " } ?? ""
            return .usage(
                why: "The first word is no command of Coffer.",
                remedy: meant + "To see an entry: coffer show TITLE. All commands: coffer --help")
        }

        // MARK: Words

        /// Options that people expect from other programs, and whose value would be a secret.
        private static let secretNames: Set<String> = [
            "--password", "--passphrase", "--pass", "--passwd", "--master-password", "--new-password", "--pin",
            "--secret", "--token", "--otp-secret", "--totp", "--value", "--recovery-key", "--recovery-code",
            "--key",
        ]

        private var remedy: String { "See: \(commandText) --help" }

        private var commandText: String { commands.map { $0._commandName }.joined(separator: " ") }

        private var optionText: String { option ?? missingText }

        /// The name of an option, which the parser keeps as `long("name")` or `short("n", …)`.
        private var option: String? {
            guard let name = Self.first(in: payload, where: { Self.dashes[$0.label] != nil }) else { return nil }
            let value =
                name.value as? String ?? (name.value as? Character).map { String($0) }
                ?? Self.first(in: name.value, where: { $0.value is Character }).map { "\($0.value)" }
            guard let value, let dashes = Self.dashes[name.label] else { return nil }
            return dashes + value
        }

        private static let dashes = ["long": "--", "short": "-", "longWithSingleDash": "-"]

        /// The argument or option that a value was missing for: its name in the help, which our commands choose.
        private var missingText: String {
            guard let key = Self.first(in: payload, where: { $0.label == "name" })?.value as? String else {
                return "An argument"
            }
            return Self.kebab(key, upper: !knownOptions.contains("--" + Self.kebab(key, upper: false)))
        }

        private static func kebab(_ name: String, upper: Bool) -> String {
            var text = ""
            for character in name {
                if character.isUppercase { text += "-" }
                text += upper ? character.uppercased() : character.lowercased()
            }
            return text
        }

        /// Every option that the command's help shows.
        private var knownOptions: [String] {
            guard let command = commands.last else { return [] }
            let help = commands[0].helpMessage(for: command, includeHidden: true, columns: 200)
            return help.split { !($0.isLetter || $0.isNumber || $0 == "-") }
                .filter { $0.hasPrefix("--") && $0.count > 2 }.map(String.init)
        }

        /// Where the parser found what it refuses: an index into the arguments.
        private var position: Int? {
            Self.first(in: payload, where: { $0.label == "rawValue" && $0.value is Int })?.value as? Int
        }

        private func argumentText(_ arguments: [String]) -> String {
            guard let position, arguments.indices.contains(position) else { return "An argument" }
            return "Argument \(position + 1)"
        }

        /// The first part of `value`, however deep, that satisfies `condition`.
        private static func first(
            in value: Any, depth: Int = 8, where condition: ((label: String, value: Any)) -> Bool
        ) -> (label: String, value: Any)? {
            guard depth > 0 else { return nil }
            for child in Mirror(reflecting: value).children {
                let part = (label: child.label ?? "", value: child.value)
                if condition(part) { return part }
                if let found = first(in: child.value, depth: depth - 1, where: condition) { return found }
            }
            return nil
        }
    }
}
