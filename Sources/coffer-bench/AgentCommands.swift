/// Commands of `coffer` on a vault that the agent holds, beside a program that does nothing and beside pass(1).
import CofferVault
import Glibc

struct AgentCommands {
    private static let area = "agent"
    private static let count = 10_000
    /// A vault with as many entries as a person starts with.
    private static let fewCount = 100
    private static let passwordDescriptor: Int32 = 3

    private let program: String
    private let bench: Bench
    private let idle: String?
    private let passHome: String?
    private let passwordPath: String
    private let environment: [String]
    /// Whole commands are short, and the machine is never quiet.
    private var runs: Int { max(bench.runs, 200) }

    init(program: String, bench: Bench, idle: String?, passHome: String?) throws {
        (self.program, self.bench, self.idle, self.passHome) = (program, bench, idle, passHome)
        passwordPath = bench.folder + "/agent-password"
        let runtime = bench.folder + "/run"
        try Folder.make(runtime)
        environment = ["PATH=/usr/bin:/bin", "HOME=\(bench.folder)", "XDG_RUNTIME_DIR=\(runtime)"]
        let file = try File(opening: passwordPath, O_WRONLY | O_CREAT | O_EXCL)
        try file.write(Array("\(PlainLogins.password)\n".utf8).span)
    }

    func figures() throws -> [Figure] {
        let (many, few) = (try vault(Self.count), try vault(Self.fewCount))
        defer { _ = try? execute([program, "lock"]) }
        let memory = try residentMebibytes()
        let get = Command(words: [program, "get", PlainLogins.title(4_999)], vault: many)
        var commands = [
            get, Command(words: [program, "get", PlainLogins.title(49)], vault: few),
            Command(words: [program, "otp", "with-otp"], vault: many), Command(words: [program, "ls"], vault: many),
        ]
        if let idle { commands.append(Command(words: [idle] + get.words.dropFirst(), vault: many)) }
        let times = try medians(commands)
        var found = [
            figure("otp over get", times[2] / times[0], limit: 1.1, [("otp", times[2]), ("get", times[0])]),
            figure("get, 10,000 entries over 100", times[0] / times[1], limit: 1.25, [("100 entries", times[1])]),
        ]
        if idle != nil {
            found.insert(
                figure(
                    "get over a program that does nothing", times[0] / times[4], limit: 1.25,
                    [
                        ("get", times[0]), ("nothing", times[4]),
                    ]), at: 0)
        }
        if let passHome { found += try figuresBesidePass(passHome, get: times[0], list: times[3]) }
        return found + [
            Figure(
                Self.area, Amount("resident memory", memory, .mebibytes), entries: Self.count, runs: 1,
                limit: .atMost(24)),
            try growth(get),
        ]
    }

    /// A command and the vault that its environment names.
    private struct Command {
        let words: [String]
        let vault: String
    }

    private func execute(_ command: Command) throws -> ProcessRun {
        try execute(command.words, environment + ["COFFER_VAULT=\(command.vault)"])
    }

    private func figuresBesidePass(_ home: String, get: Double, list: Double) throws -> [Figure] {
        let environment = ["PATH=/usr/bin:/bin", "HOME=\(home)", "PASSWORD_STORE_DIR=\(home)/store"]
        let (show, ls) = (["/usr/bin/pass", "show", PlainLogins.title(4_999)], ["/usr/bin/pass", "ls"])
        let times = try [(show, 30), (ls, bench.runs)].map { command, runs in
            _ = try execute(command, environment)
            return Stopwatch.median(try (0..<runs).map { _ in try execute(command, environment).milliseconds })
        }
        return [
            figure("get over pass show", get / times[0], limit: 1.0 / 3, [("get", get), ("pass show", times[0])]),
            figure("ls over pass ls", list / times[1], limit: 0.5, [("ls", list), ("pass ls", times[1])]),
        ]
    }

    /// How much more memory the agent has after a thousand commands in a row.
    private func growth(_ get: Command) throws -> Figure {
        for _ in 0..<100 { _ = try execute(get) }
        let before = try residentMebibytes()
        for _ in 0..<1_000 { _ = try execute(get) }
        return Figure(
            Self.area, Amount("growth by 1,000 get", max(0, try residentMebibytes() - before), .mebibytes),
            entries: Self.count, runs: 1_000, limit: .atMost(0.5))
    }

    // MARK: Running

    /// The commands take turns.
    private func medians(_ commands: [Command]) throws -> [Double] {
        var times = commands.map { _ in [Double]() }
        for run in 0...runs {
            for (number, command) in commands.enumerated() {
                let time = try execute(command).milliseconds
                if run > 0 { times[number].append(time) }
            }
        }
        return times.map(Stopwatch.median)
    }

    private func figure(_ name: String, _ value: Double, limit: Double, _ beside: [(String, Double)]) -> Figure {
        Figure(
            Self.area, Amount(name, value, .times), entries: Self.count, runs: runs, limit: .atMost(limit),
            beside: beside.map { Amount($0.0, $0.1, .milliseconds) })
    }

    private func execute(_ arguments: [String], _ other: [String]? = nil) throws -> ProcessRun {
        let password = ProcessRun.Input(descriptor: Self.passwordDescriptor, path: passwordPath)
        let run = try ProcessRun.run(arguments, inputs: [password], environment: other ?? environment)
        guard run.status == 0 else { throw CommandFailed(arguments: arguments, status: run.status) }
        return run
    }

    /// A vault of `count` entries and one with a one-time password, unlocked. Made by a process of its own.
    private func vault(_ count: Int) throws -> String {
        let path = "\(bench.folder)/agent-\(count).coffer"
        _ = try execute(["/proc/self/exe", "make", "--entries", "\(count)", "--output", path])
        let options = ["--vault", path, "--password-fd", "\(Self.passwordDescriptor)", "--no-input"]
        _ = try execute([program, "add", "with-otp", "--generate"] + options)
        let key = bench.folder + "/otp-key"
        let file = try File(opening: key, O_WRONLY | O_CREAT | O_TRUNC)
        try file.write(Array("JBSWY3DPEHPK3PXP\n".utf8).span)
        let inputs = [(Self.passwordDescriptor, passwordPath), (STDIN_FILENO, key)].map {
            ProcessRun.Input(descriptor: $0, path: $1)
        }
        let added = [program, "otp", "add", "with-otp", "--key-stdin"] + options
        let run = try ProcessRun.run(added, inputs: inputs, environment: environment)
        guard run.status == 0 else { throw CommandFailed(arguments: added, status: run.status) }
        _ = try execute([program, "unlock", "--bulk"] + options)
        return path
    }

    /// Of the only agent that has this runtime folder: the owner of its lock.
    private func residentMebibytes() throws -> Double {
        let lock = try Folder.identity(bench.folder + "/run/coffer/agent.lock")
        for name in try Folder.names(in: "/proc") where Int(name) != nil {
            // Another user's process, or one that is gone.
            guard let files = try? Folder.names(in: "/proc/\(name)/fd") else { continue }
            let isHolder = files.contains { file in
                guard let target = Folder.resolved("/proc/\(name)/fd/\(file)") else { return false }
                return (try? Folder.identity(target))?.isSameFile(as: lock) ?? false
            }
            guard isHolder else { continue }
            let text = try File(opening: "/proc/\(name)/statm", O_RDONLY).bytes(at: 0, count: 256)
            let pages = String(decoding: text, as: UTF8.self).split(separator: " ").dropFirst().first.flatMap {
                Int($0)
            }
            return Double((pages ?? 0) * sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
        }
        throw CommandFailed(arguments: ["coffer-agent"], status: 1)
    }
}
