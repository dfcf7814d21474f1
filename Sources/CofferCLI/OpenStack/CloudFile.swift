/// Files with OpenStack's settings, which coffer-convert reads.
import CofferExchange
import CofferFormat
import CofferMemory
import CofferModel
import CofferVault

struct CloudFile {
    /// What a file has: clouds, each with a name by which an entry can be called, and what is only known when it is run.
    struct Content {
        var clouds: [CloudSettings]
        var asked: [String]
        /// The files that hold a secret in clear, as messages call them.
        var secretFiles: [String] = []

        var hasSecret: Bool {
            clouds.contains { $0.values.contains { CloudSettings.isSecret($0.key) && $0.text.count > 0 } }
        }
    }

    private let path: String
    private let secure: String?

    init(_ path: String, secure: String?) throws(CLIError) {
        (self.path, self.secure) = (path, secure)
        guard secure == nil || isYAML else {
            throw .usage(
                why:
                    "The option --secure goes with a clouds.yaml, and \(Shown.text(path)) does not end in .yaml or .yml.",
                remedy: "Leave it out, or name the clouds.yaml.")
        }
    }

    func read(only cloud: String?) throws -> Content {
        var content = try Self.read(ForeignInput(path, option: "FILE"), isYAML: isYAML)
        if content.hasSecret && path != "-" { content.secretFiles.append(path) }
        if let secure = securePath {
            let secrets = try Self.read(ForeignInput(secure, option: "--secure"), isYAML: true)
            if secrets.hasSecret && secure != "-" { content.secretFiles.append(secure) }
            guard let merged = content.clouds.merging(secure: secrets.clouds) else {
                throw VaultError.limitExceeded(
                    what: "\(CloudSettings.clouds) clouds, \(CloudSettings.values) settings each")
            }
            // A cloud that only secure.yaml has is none that one could sign in to.
            content.clouds = merged.filter { $0["auth_url"] != nil || $0["profile"] != nil }
        }
        if !isYAML { content.clouds = content.clouds.map(named) }
        guard let cloud else { return try nonEmpty(content) }
        let names = content.clouds.map(\.name)
        content.clouds.removeAll { $0.name != cloud }
        guard !content.clouds.isEmpty else {
            throw VaultError.notFound(what: "cloud of that name in \(path)", near: Array(names.prefix(8)))
        }
        return content
    }

    /// By the name: the two kinds of files have nothing in common. Standard input is an openrc file unless --secure goes with it.
    private var isYAML: Bool { path.hasSuffix(".yaml") || path.hasSuffix(".yml") || (path == "-" && secure != nil) }

    private var securePath: String? {
        if let secure { return secure }
        guard isYAML, path != "-" else { return nil }
        let beside = "\(Folder.parent(of: path))/secure.yaml"
        return (try? Folder.status(beside)) == nil ? nil : beside
    }

    private func nonEmpty(_ content: Content) throws -> Content {
        guard content.clouds.contains(where: { !$0.values.isEmpty }) else {
            throw CLIError.noCloud(input: ForeignInput(path, option: "FILE").name)
        }
        return content
    }

    /// An openrc file names no cloud: its project does, else the file.
    private func named(_ settings: CloudSettings) -> CloudSettings {
        var name = settings["project_name"]?.plainText ?? ""
        if name.isEmpty {
            name = path == "-" ? "" : Folder.name(of: path)
            for end in [".sh", "-openrc", ".openrc"] where name.hasSuffix(end) { name.removeLast(end.count) }
        }
        var named = CloudSettings(name: name.isEmpty ? "openstack" : name)
        for value in settings.values { named.set(value.key, value.text) }
        return named
    }

    private static func read(_ input: ForeignInput, isYAML: Bool) throws -> Content {
        let (task, countMaximum): (ConversionTask, Int) =
            isYAML ? (.readClouds, ConversionLimits.cloudsCount) : (.readOpenRC, ConversionLimits.openRCCount)
        guard case .clouds(let encoded, let asked) = try input.convert(task, countMaximum: countMaximum) else {
            throw CLIError.converter(.ended(input: input.name))
        }
        // An openrc file has one cloud, which has no name.
        guard let clouds = try? [CloudSettings].decode(SecretArena(SecretBytes(copying: encoded.span))),
            isYAML || clouds.map(\.name) == [""]
        else { throw CLIError.converter(.ended(input: input.name)) }
        return Content(clouds: clouds, asked: asked)
    }
}
