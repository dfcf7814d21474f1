/// The option that takes one of several values (docs/cli.md, "Fields").
import ArgumentParser

/// What to do with a field that has several values.
struct PickOptions: ParsableArguments {
    @Option(name: .customLong("pick"), help: ArgumentHelp("For a field in conflict: newest.", valueName: "which"))
    var pickName: String?

    var pick: FieldReader.Pick {
        get throws {
            switch pickName {
            case nil: .refuse
            case "newest": .newest
            default:
                throw CLIError.usage(
                    why: "The option --pick takes the word newest.", remedy: "To settle a conflict: coffer resolve")
            }
        }
    }
}
