/// Commands of `coffer` on a vault of plain logins, each a process of its own.
import CofferCrypto
import CofferFormat
import CofferVault
import Glibc

/// A command that did not end well has no time worth telling.
struct CommandFailed: Error, CustomStringConvertible {
    let arguments: [String]
    let status: Int32

    var description: String { "this command ended with status \(status): \(arguments.joined(separator: " "))" }
}

struct CofferCommands {
    private static let area = "process"
    private static let passwordDescriptor: Int32 = 3
    private static let newPasswordDescriptor: Int32 = 4

    let program: String
    let bench: Bench
    private let passwordPath: String
    private let environment: [String]

    init(program: String, bench: Bench) throws {
        self.program = program
        self.bench = bench
        passwordPath = bench.folder + "/password"
        environment = ["PATH=/usr/bin:/bin", "HOME=\(bench.folder)", "TMPDIR=\(bench.folder)"]
        let file = try File(opening: passwordPath, O_WRONLY | O_CREAT | O_EXCL)
        try file.write(Array("\(PlainLogins.password)\n".utf8).span)
    }

    // MARK: Figures

    func size() throws -> Figure {
        let status = try Folder.status(program)
        return Figure(
            Self.area, Amount("size of the program", Double(status.st_size) / 1e6, .megabytes), runs: 1,
            limit: .atMost(20))
    }

    /// The two programs take turns.
    func start(besideProgram empty: String, runs: Int) throws -> Figure {
        var ours: [Double] = []
        var theirs: [Double] = []
        for run in 0...runs {
            let times = (
                try execute([program, "--version"]).milliseconds, try execute([empty, "--version"]).milliseconds
            )
            guard run > 0 else { continue }
            ours.append(times.0)
            theirs.append(times.1)
        }
        return Figure(
            Self.area,
            Amount("coffer --version over an empty program", Stopwatch.median(ours) / Stopwatch.median(theirs), .times),
            runs: runs, limit: .atMost(1.25),
            beside: [
                Amount("coffer", Stopwatch.median(ours), .milliseconds),
                Amount("empty", Stopwatch.median(theirs), .milliseconds),
            ])
    }

    func list() throws -> [Figure] {
        try figures("ls", 10_000, timeLimit: 14, memoryLimit: 32) { _ in ["ls"] }
            + figures("ls", 100_000, timeLimit: 120, memoryLimit: nil) { _ in ["ls"] }
    }

    func find() throws -> [Figure] {
        try figures("find", 10_000, timeLimit: 14, memoryLimit: nil) { _ in ["find", PlainLogins.title(4_999)] }
    }

    func show() throws -> [Figure] {
        let figures = try figures("show", 10_000, timeLimit: 9, memoryLimit: 16) { _ in
            ["show", PlainLogins.title(4_999)]
        }
        let status = try Folder.status(try vault(10_000))
        let perEntry = Figure(
            Self.area, Amount("file, by entry", Double(status.st_size) / 10_000, .bytes), entries: 10_000, runs: 1,
            limit: .atMost(800))
        return figures + [perEntry]
    }

    func add() throws -> [Figure] {
        let path = try vault(10_000)
        let status = try Folder.status(path)
        let bare = try BareWrite.median(Int(status.st_size), besideVault: path, runs: bench.runs)
        let beside = [Amount("write, fsync and rename alone", bare, .milliseconds)]
        return try figures("add", 10_000, timeLimit: 60, memoryLimit: nil, beside: beside) { run in
            ["add", "new-\(run)", "--username", "new@example.com", "--url", "https://new.example/", "--generate"]
        }
    }

    /// The derivations and the calibration are measured apart and taken off: two of one iteration are too short to see,
    /// the new slot's takes as long as calibration made it.
    func changePassword() throws -> [Figure] {
        // Every run changes a vault of its own: a slot that has been changed is no longer cheap to open.
        var times: [Double] = []
        var derivations: [Double] = []
        let password = ProcessRun.Input(descriptor: Self.newPasswordDescriptor, path: passwordPath)
        for run in 0..<bench.runs {
            let copy = "\(bench.folder)/passwd-\(run).coffer"
            try copyFile(try vault(10_000), to: copy)
            defer { try? Folder.remove(copy) }
            let arguments = [program, "passwd", "--new-password-fd", "\(Self.newPasswordDescriptor)"] + options(copy)
            let time = try execute(arguments, inputs: [password]).milliseconds
            let derivation = try derivationMilliseconds(ofVault: copy)
            derivations.append(derivation)
            times.append(time - derivation)
        }
        return [
            Figure(
                Self.area, Amount("passwd, beside derivation and calibration", Stopwatch.median(times), .milliseconds),
                entries: 10_000, runs: bench.runs, limit: .atMost(40),
                beside: [Amount("derivation and calibration", Stopwatch.median(derivations), .milliseconds)])
        ]
    }

    // MARK: Several machines

    /// Merging and adding take turns, each on a copy of its own: a machine refuses a file that it has seen change.
    func merge(besideKeePass keepass: String?) throws -> [Figure] {
        let peer = try keepass.map { Amount("keepassxc-cli merge", try keepassMerge($0), .milliseconds) }
        return try merge(10_000, limits: (1.5, 40), beside: peer) + merge(100_000, limits: nil)
    }

    /// KeePassXC merging two files with the same changes.
    private func keepassMerge(_ folder: String) throws -> Double {
        let copy = bench.folder + "/merged.kdbx"
        let password = ProcessRun.Input(descriptor: STDIN_FILENO, path: passwordPath)
        let times = try (0..<bench.runs).map { _ in
            try copyFile(folder + "/one.kdbx", to: copy)
            defer { try? Folder.remove(copy) }
            let arguments = ["/usr/bin/keepassxc-cli", "merge", "--same-credentials", copy, folder + "/two.kdbx"]
            return try execute(arguments, inputs: [password]).milliseconds
        }
        return Stopwatch.median(times)
    }

    private func merge(
        _ count: Int, limits: (times: Double, mebibytes: Double)?, beside peer: Amount? = nil
    ) throws -> [Figure] {
        let sides = try [3, 50].map { first in
            let path = "\(bench.folder)/side-\(count)-\(first).coffer"
            try copyFile(try vault(count), to: path)
            _ = try execute(["/proc/self/exe", "change", "--vault", path, "--first", "\(first)"])
            return path
        }
        var merges: [ProcessRun] = []
        var adds: [Double] = []
        for run in 0...bench.runs {
            let copies = ["merge", "add"].map { "\(bench.folder)/\($0)-\(count)-\(run).coffer" }
            for copy in copies { try copyFile(sides[0], to: copy) }
            defer { for copy in copies { remove(copy) } }
            let merge = try execute([program, "merge", sides[1]] + options(copies[0]))
            let add = try execute([program, "add", "new", "--generate"] + options(copies[1]))
            guard run > 0 else { continue }
            merges.append(merge)
            adds.append(add.milliseconds)
        }
        let (merge, add) = (Stopwatch.median(merges.map(\.milliseconds)), Stopwatch.median(adds))
        return [
            Figure(
                Self.area, Amount("merge, 1 % changed on each side, over add", merge / add, .times), entries: count,
                runs: bench.runs, limit: limits.map { .atMost($0.times) },
                beside: [Amount("merge", merge, .milliseconds), Amount("add", add, .milliseconds)]
                    + [peer].compactMap { $0 }),
            Figure(
                Self.area, Amount("merge, peak memory", Stopwatch.median(merges.map(\.peakMebibytes)), .mebibytes),
                entries: count, runs: bench.runs, limit: limits.map { .atMost($0.mebibytes) }),
        ]
    }

    func sync() throws -> [Figure] { try [sync(10_000, limit: 15), sync(100_000, limit: nil)] }

    /// Five machines have synced; then one syncs again, and nothing is new.
    private func sync(_ count: Int, limit: Double?) throws -> Figure {
        let folder = "\(bench.folder)/shared-\(count)"
        try Folder.make(folder)
        let homes = (1...5).map { "\(bench.folder)/machine-\(count)-\($0)" }
        for home in homes {
            try Folder.make(home)
            try copyFile(try vault(count), to: home + "/vault.coffer")
        }
        let sync = { (home: String) in
            try execute(
                [program, "sync", folder, "--accept-weak-password"] + options(home + "/vault.coffer"), home: home)
        }
        for home in homes + [homes[0]] { _ = try sync(home) }
        let times = try (0..<bench.runs).map { _ in try sync(homes[0]).milliseconds }
        return Figure(
            Self.area, Amount("sync, nothing new, 5 replicas", Stopwatch.median(times), .milliseconds), entries: count,
            runs: bench.runs, limit: limit.map { .atMost($0) })
    }

    /// A vault with its lock and backups.
    private func remove(_ path: String) {
        let backups = path + ".backups"
        for name in (try? Folder.names(in: backups)) ?? [] { try? Folder.remove(backups + "/" + name) }
        unsafe rmdir(backups)
        for file in [path, path + ".lock"] { try? Folder.remove(file) }
    }

    // MARK: Running

    private func figures(
        _ name: String, _ count: Int, timeLimit: Double, memoryLimit: Double?, beside: [Amount] = [],
        _ makeArguments: (Int) -> [String]
    ) throws -> [Figure] {
        let options = options(try vault(count))
        _ = try execute([program] + makeArguments(bench.runs) + options)
        let runs = try (0..<bench.runs).map { try execute([program] + makeArguments($0) + options) }
        let time = Figure(
            Self.area, Amount(name, Stopwatch.median(runs.map(\.milliseconds)), .milliseconds), entries: count,
            runs: bench.runs, limit: .atMost(timeLimit), beside: beside)
        let memory = Figure(
            Self.area, Amount("\(name), peak memory", Stopwatch.median(runs.map(\.peakMebibytes)), .mebibytes),
            entries: count, runs: bench.runs, limit: memoryLimit.map { .atMost($0) })
        return [time, memory]
    }

    private func options(_ vault: String) -> [String] {
        ["--vault", vault, "--password-fd", "\(Self.passwordDescriptor)", "--no-input"]
    }

    private func execute(
        _ arguments: [String], inputs: [ProcessRun.Input] = [], home: String? = nil
    ) throws -> ProcessRun {
        let password = ProcessRun.Input(descriptor: Self.passwordDescriptor, path: passwordPath)
        let environment = home.map { ["PATH=/usr/bin:/bin", "HOME=\($0)", "TMPDIR=\(bench.folder)"] } ?? environment
        let run = try ProcessRun.run(arguments, inputs: [password] + inputs, environment: environment)
        guard run.status == 0 else { throw CommandFailed(arguments: arguments, status: run.status) }
        return run
    }

    /// The vault of `count` entries, made by a process of its own: making it takes memory that would be measured.
    private func vault(_ count: Int) throws -> String {
        let path = "\(bench.folder)/\(count).coffer"
        if (try? Folder.status(path)) == nil {
            _ = try execute(["/proc/self/exe", "make", "--entries", "\(count)", "--output", path])
        }
        return path
    }

    /// How long the derivation of the vault's password slot takes, and calibration before it.
    private func derivationMilliseconds(ofVault path: String) throws -> Double {
        let slots = try Container.open(path).header.slots
        guard let slot = slots.first(where: { $0.parameters.role == .password }) else { return 0 }
        let salt = slot.parameters.salt
        let password = Array(PlainLogins.password.utf8)
        return Stopwatch.milliseconds {
            _ = PBKDF2.calibrate(.sha512, seconds: 1)
            _ = PBKDF2.derive(
                .sha512, password: password.span, salt: salt.span, iterations: Int(slot.parameters.kdf.cost),
                outputCount: 64)
        }
    }

    private func copyFile(_ path: String, to target: String) throws {
        let source = try File(opening: path, O_RDONLY)
        let copy = try File(opening: target, O_WRONLY | O_CREAT | O_EXCL)
        try copy.append(0..<Int(source.status().st_size), of: source)
    }
}
