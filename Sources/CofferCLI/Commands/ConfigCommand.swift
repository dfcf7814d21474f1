/// `coffer config`: the settings of this machine.
import ArgumentParser
import CofferMemory

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Show and change the settings of this machine.",
        discussion: "Example:\n  coffer config set sync.auto off", subcommands: [Get.self, Set.self, List.self])

    struct Get: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "get", abstract: "Print a setting.", discussion: "Example:\n  coffer config get sync.auto")

        @Argument(help: "The setting.")
        var name: String

        func run() throws { try Output.standard.print(try Settings.value(name)) }
    }

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Change a setting.", discussion: "Example:\n  coffer config set sync.auto off"
        )

        @Argument(help: "The setting.")
        var name: String

        @Argument(help: "Its value; an empty one takes it back.")
        var value: String

        func run() throws { try Settings.set(name, value) }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Print all settings.", discussion: "Example:\n  coffer config list")

        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            guard !json else { return try printJSON() }
            var table = Table(["setting", "value", "meaning"], for: .standard)
            for setting in Settings.known {
                table.cell(setting.name)
                table.cell(try Settings.value(setting.name))
                table.cell(setting.meaning)
            }
            try table.write()
        }

        private func printJSON() throws {
            var json = JSONWriter(PrivateBuilder(capacity: 1024))
            json.beginObject()
            for setting in Settings.known { json.member(setting.name, try Settings.value(setting.name)) }
            json.endObject()
            let text = json.finish()
            try Output.standard.write(text.span)
        }
    }
}
