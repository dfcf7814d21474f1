/// Private keys of ssh, kept whole: the file and, where it lies beside it, its public half.
import CofferMemory
import CofferVault

enum SSHKeyFile {
    static let privateKey = "private-key"
    static let publicKey = "public-key"
    /// What a field holds at most.
    private static let countMaximum = 1024 * 1024

    /// The fields of the key in the file at `path`; "-" is standard input.
    static func fields(_ path: String) throws -> [(name: String, value: SecretSlice, isSecret: Bool)] {
        let key = SecretSlice(
            path == "-"
                ? try SecretInput.standardInput(option: "--private-key").readAll(maximumBytes: countMaximum)
                : try SecretFile.read(path, countMaximum: countMaximum))
        guard key.count > 0 else { throw CLIError.emptyValue(what: "private key") }
        var fields = [(name: privateKey, value: key.withoutFinalLineFeed, isSecret: true)]
        if path != "-", let text = try? SecretFile.read(path + ".pub", countMaximum: countMaximum) {
            fields.append((publicKey, SecretSlice(text).withoutFinalLineFeed, false))
        }
        return fields
    }
}
