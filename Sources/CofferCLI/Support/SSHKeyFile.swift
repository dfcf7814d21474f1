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
        if path != "-", let text = try? SecretFile.read(path + ".pub", countMaximum: publicCountMaximum) {
            let line = SecretSlice(text).withoutFinalLineFeed
            if isPublicKey(line) { fields.append((publicKey, line, false)) }
        }
        return fields
    }

    /// The longest public half that is taken, in bytes.
    private static let publicCountMaximum = 16 * 1024

    /// Whether `line` is one line that begins as the public half of a key does: what lies there may be anything.
    private static func isPublicKey(_ line: SecretSlice) -> Bool {
        let span = line.span
        for index in 0..<span.count where span[index] < 0x20 { return false }
        return ["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-"].contains { start in
            let bytes = Array(start.utf8)
            return span.count > bytes.count && bytes.indices.allSatisfy { span[$0] == bytes[$0] }
        }
    }
}
