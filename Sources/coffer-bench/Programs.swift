/// Measures whole processes, as people start them: `coffer` itself, an empty program, and other password managers.
import ArgumentParser
import CofferFormat
import CofferVault
import Glibc

struct Programs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Whole processes: time, memory, and the sizes of files.",
        discussion: "This process stays small, because its own memory is the least that it can measure of others.")

    @Option(help: "The program coffer, static and stripped.")
    var coffer: String

    @Option(help: "An empty static program that links the argument parser.")
    var empty: String?

    @Option(help: "A static program whose one subcommand `get TITLE [FIELD]` does nothing.")
    var idle: String?

    @Option(help: "A password store of pass(1) with the same titles, 10,000 of them, in a home that gpg(1) knows.")
    var pass: String?

    @Option(help: "A folder with one.kdbx and two.kdbx, which keepassxc-cli merges beside.")
    var keepass: String?

    @Option(help: "How often each command is run; the median counts.")
    var runs = 15

    @Flag(help: "Print JSON.")
    var json = false

    @Option(
        help:
            "Measure only these: start, list, find, show, add, passwd, merge, sync, agent. May be given several times.")
    var only: [String] = []

    func validate() throws {
        guard runs > 0 else { throw ValidationError("--runs must be at least 1.") }
    }

    func run() throws {
        let bench = try Bench(sizes: [], runs: runs)
        let commands = try CofferCommands(program: coffer, bench: bench)
        var figures: [Figure] = []
        func measure(_ name: String, _ make: () throws -> [Figure]) rethrows {
            if only.isEmpty || only.contains(name) { figures += try make() }
        }
        try measure("start") { try startFigures(commands) }
        try measure("list") { try commands.list() }
        try measure("find") { try commands.find() }
        try measure("show") { try commands.show() }
        try measure("add") { try commands.add() }
        try measure("passwd") { try commands.changePassword() }
        try measure("merge") { try commands.merge(besideKeePass: keepass) }
        try measure("sync") { try commands.sync() }
        try measure("agent") { try AgentCommands(program: coffer, bench: bench, idle: idle, passHome: pass).figures() }
        Report.print(figures, asJSON: json)
    }

    private func startFigures(_ commands: CofferCommands) throws -> [Figure] {
        var figures = [try commands.size()]
        if let empty { figures.append(try commands.start(besideProgram: empty, runs: max(runs, 200))) }
        return figures
    }
}
