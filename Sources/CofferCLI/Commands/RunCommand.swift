/// `coffer run`: a program with secrets in its environment, and nowhere else.
import ArgumentParser
import CofferExchange
import CofferMemory
import CofferVault
import Glibc

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a program with secrets in its environment.",
        discussion: """
            --os-cloud sets the OS_* variables of an entry, a fresh one-time code among them where the cloud wants one, and \
            takes away what contradicts them. --env and --env-file set others: a value that is a reference, \
            coffer://TITLE/FIELD, is replaced by what it points to. The program takes the place of coffer: no shell, its \
            own signals, its own exit status. Coffer's own failures end with 125, a program that cannot be run with 126, \
            one that is not there with 127.

            The system lets a user's programs see the environment of one another: run what you trust.

            Examples:
              coffer run --os-cloud work/vk-project -- openstack server list
              coffer run --env-file terraform.env -- terraform plan
              coffer run --env TOKEN=coffer://work/api/password -- ./deploy
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var pickOptions: PickOptions

    @Option(
        name: .customLong("os-cloud"), help: ArgumentHelp("Set the OS_* variables of this entry.", valueName: "title"))
    var osCloud: String?

    @Option(
        name: .customLong("env"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Set a variable; may be repeated.", valueName: "name=coffer://title/field"))
    var env: [String] = []

    @Option(
        name: .customLong("env-file"),
        help: ArgumentHelp(
            "Set the variables of this file, lines of NAME=coffer://TITLE/FIELD or NAME=text; may be repeated.",
            valueName: "file"))
    var envFile: [String] = []

    @Flag(help: "Say which variables are set and taken away: names, never values.")
    var verbose = false

    @Argument(parsing: .postTerminator, help: "The program and its arguments, behind --.")
    var command: [String] = []

    /// Every failure that is not the program's own ends with this status (env(1) does the same).
    static let ownFailure: Int32 = 125

    /// Whether `status` is one of ours that a program's own could be taken for.
    static func isOwnFailure(_ status: Int32) -> Bool {
        let told = [ExitCode.done, .commandNotRun, .commandNotFound, .interrupted].map(\.rawValue)
        return !told.contains(status)
    }

    func validate() throws {
        guard !command.isEmpty else {
            throw CLIError.usage(
                why: "No program is named to be run.",
                remedy: "Name it behind two hyphens: coffer run … -- PROGRAM ARGUMENT…")
        }
        guard osCloud != nil || !env.isEmpty || !envFile.isEmpty else {
            throw CLIError.usage(
                why: "Nothing is named that the program should get.", remedy: "Pass --os-cloud, --env or --env-file.")
        }
    }

    func run() throws {
        // All that needs no vault first: a slip must not cost a password or a code.
        let (fromFiles, fromOptions) = (try fileSettings(), try optionSettings())
        let pick = try pickOptions.pick
        var environment = ChildEnvironment()
        do {
            let session = try vaultOptions.open()
            let reader = ReferenceReader(session: session, pick: pick, waitsForCodes: true)
            // A file that signs in to OpenStack does not do so together with what the caller has of another sign-in.
            if fromFiles.contains(where: { $0.name == "OS_AUTH_URL" }) { environment.clear(prefix: "OS_") }
            for setting in fromFiles { environment.set(setting.name, try Self.value(setting, reader)) }
            let named = try fromOptions.map { (name: $0.name, value: try Self.value($0, reader)) }
            if let osCloud {
                // Read last, so that its code is as fresh as can be.
                let cloud = try CloudEntry(session, EntryQuery(osCloud), .everything, pick: pick)
                try CloudEnvironment(cloud).apply(to: &environment, session, pick: pick)
            }
            // What is named one by one is meant.
            for variable in named { environment.set(variable.name, variable.value) }
        }
        if verbose { say(environment) }
        keepDescriptorsFromProgram()
        throw CLIError.notRun(program: command[0], errno: environment.execute(command))
    }

    private func fileSettings() throws -> [VariableSetting] {
        try envFile.flatMap { path in
            let bytes = try SecretFile.read(path, countMaximum: EnvironmentFile.countMaximum)
            guard let text = String(validating: (0..<bytes.count).map { bytes.span[$0] }, as: UTF8.self) else {
                throw CLIError.usage(why: "\(Shown.text(path)) is not UTF-8 text.", remedy: "Mend the file.")
            }
            return try EnvironmentFile.parse(text, name: path)
        }
    }

    private func optionSettings() throws -> [VariableSetting] {
        try env.map { text in
            guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")), VariableName.isValid(text[..<equals]) else {
                throw CLIError.usage(why: "The option --env is not NAME=coffer://TITLE/FIELD.", remedy: "Mend it.")
            }
            guard
                case .reference(let reference) = try EnvironmentFile.value(
                    String(text[text.utf8.index(after: equals)...]))
            else {
                throw CLIError.usage(
                    why: "The option --env takes a reference; a text could be a secret, and all can see arguments.",
                    remedy:
                        "Write NAME=coffer://TITLE/FIELD, or set what is not secret yourself: NAME=text coffer run …")
            }
            return VariableSetting(name: String(text[..<equals]), value: .reference(reference))
        }
    }

    /// An error of the vault names the entry; whose value it was to be is what a person mends.
    private static func value(_ setting: VariableSetting, _ reader: ReferenceReader) throws -> SecretSlice {
        do {
            return try reader.value(setting)
        } catch {
            Output.message("coffer: the variable \(setting.name) has no value:")
            throw error
        }
    }

    private func say(_ environment: ChildEnvironment) {
        let names = environment.variables.map(\.name).sorted()
        Output.message("coffer: set \(names.joined(separator: ", "))")
        if !environment.cleared.isEmpty {
            Output.message("coffer: took away \(Shown.text(environment.cleared.joined(separator: ", ")))")
        }
    }

    /// What the caller opened for secrets of ours is not for the program.
    private func keepDescriptorsFromProgram() {
        for number in [vaultOptions.passwordFD, vaultOptions.recoveryKeyFD].compactMap({ $0 }) {
            guard let descriptor = Int32(exactly: number) else { continue }
            if descriptor == STDIN_FILENO { keepFileOnStandardInputFromProgram() }
            if descriptor > STDERR_FILENO { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        }
    }

    /// What follows the password in a pipe is the program's input; a file could be read from its beginning.
    private func keepFileOnStandardInputFromProgram() {
        var status = stat()
        guard unsafe fstat(STDIN_FILENO, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else { return }
        let nothing = unsafe open("/dev/null", O_RDONLY)
        guard nothing >= 0 else { return _ = close(STDIN_FILENO) }
        dup2(nothing, STDIN_FILENO)
        close(nothing)
    }
}
