/// The commands of `coffer-bench`, which scripts/bench runs.
import ArgumentParser

/// Measures Coffer. Every figure is printed beside what it is compared with; nothing is asserted, for machines differ.
struct CofferBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coffer-bench",
        abstract: "Measures Coffer.",
        discussion: """
            Every figure is the median of its runs, beside its limit where it has one. The vaults are made here, from \
            a fixed seed, and cost one iteration to open (the password is "bench").
            """,
        subcommands: [
            AllAreas.self, AreaCommand<KDFArea>.self, AreaCommand<SealArea>.self, AreaCommand<OpenArea>.self,
            AreaCommand<ListArea>.self, AreaCommand<FindArea>.self, AreaCommand<SaveArea>.self, Programs.self,
            Make.self, Change.self, Logins.self,
        ])
}

/// What is measured inside one process.
protocol Area {
    static var name: String { get }
    static var abstract: String { get }
    static func measure(_ bench: Bench) throws -> [Figure]
}

struct AreaOptions: ParsableArguments {
    @Option(help: "The number of entries of a vault; may be given several times.")
    var entries: [Int] = []

    @Option(help: "How often each thing is done; the median counts.")
    var runs = 15

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard runs > 0 else { throw ValidationError("--runs must be at least 1.") }
        guard entries.allSatisfy({ $0 > 0 }) else { throw ValidationError("--entries must be at least 1.") }
    }

    func makeBench() throws -> Bench {
        try Bench(sizes: entries.isEmpty ? [100, 1_000, 10_000, 100_000] : entries, runs: runs)
    }
}

/// One area as a command.
struct AreaCommand<Measured: Area>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: Measured.name, abstract: Measured.abstract)
    }

    @OptionGroup var options: AreaOptions

    func run() throws { try Report.print(Measured.measure(options.makeBench()), asJSON: options.json) }
}

struct AllAreas: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "all", abstract: "Everything inside one process.")

    @OptionGroup var options: AreaOptions

    func run() throws {
        let bench = try options.makeBench()
        let areas: [any Area.Type] = [
            KDFArea.self, SealArea.self, OpenArea.self, ListArea.self, FindArea.self, SaveArea.self,
        ]
        try Report.print(areas.flatMap { try $0.measure(bench) }, asJSON: options.json)
    }
}

struct Make: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a vault of plain logins.",
        discussion: "Its one slot is for tests and costs one iteration; its password is \"bench\".")

    @Option(help: "The number of entries.")
    var entries: Int

    @Option(name: [.short, .long], help: "Where to write the vault; nothing may be there yet.")
    var output: String

    func validate() throws {
        guard entries >= 0 else { throw ValidationError("--entries must be at least 0.") }
    }

    func run() throws { try PlainLogins.write(entries, to: output) }
}

struct Logins: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the plain logins, for other password managers to be measured with.",
        discussion: "A line each: title, user name, password, URL and notes, with tabs between.")

    @Option(help: "The number of entries.")
    var entries: Int

    func validate() throws {
        guard entries >= 0 else { throw ValidationError("--entries must be at least 0.") }
    }

    func run() { for line in PlainLogins.lines(entries) { print(line) } }
}
