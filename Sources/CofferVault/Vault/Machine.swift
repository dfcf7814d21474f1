/// What this machine calls itself, and the number that makes its order of backup codes its own (docs/merge.md).
package import CofferCrypto
import CofferFormat
import CofferMemory
package import CofferModel
import Glibc

/// Kept in `$XDG_STATE_HOME/coffer/machine`: the label on the first line, 16 random bytes in hexadecimal on the second.
/// Nothing secret.
package struct Machine: Sendable {
    package let label: String
    package let id: [UInt8]

    /// Reads the machine's file, or makes it; `name` is kept as it is or refused. Where neither works (a read-only
    /// home), the host's name serves for now. With `isKept` false nothing is written.
    package static func load(
        stateFolder: String?, name: String? = nil, isKept: Bool = true, random: some CofferCrypto.RandomSource
    ) throws(VaultError) -> Machine {
        if let name, shortened(name) != UnicodeText.composed(name) {
            throw .invalidInput(
                why: "a machine's name has 1 to \(Limits.machineLabelWritten) bytes and no control characters")
        }
        let path = stateFolder.map { $0 + "/machine" }
        let known = try path.flatMap { path throws(VaultError) in try read(path) }
        let label = name.map(shortened) ?? known?.label ?? shortened(hostName())
        // What cannot be kept must at least be the same next time: a shared folder would fill with files otherwise.
        let message = Array((hostName() + "\0" + (stateFolder ?? "")).utf8)
        let fallback = BLAKE2b.hash(message.span, count: 16)
        let isNew = isKept && stateFolder != nil
        let machine = Machine(label: label, id: known?.id ?? (isNew ? random.makeBytes(count: 16) : fallback))
        guard isKept, let path, let stateFolder, known?.label != machine.label else { return machine }
        do throws(SystemError) {
            try Folder.make(stateFolder)
            let temporary = "\(path).\(random.makeBytes(count: 4).hexadecimal)"
            let file = try File(opening: temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
            do throws(SystemError) {
                try file.write(Array("\(machine.label)\n\(machine.id.hexadecimal)\n".utf8).span)
                try file.synchronize()
                try Folder.rename(temporary, to: path)
            } catch {
                try? Folder.remove(temporary)
                throw error
            }
        } catch {
            // Only a name that was asked for must be kept.
            if name != nil { throw .system(action: "write", path: path, errno: error.number) }
            return Machine(label: label, id: known?.id ?? fallback)
        }
        return machine
    }

    private static func read(_ path: String) throws(VaultError) -> Machine? {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try File(opening: path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW).bytes(at: 0, count: 256)
        } catch {
            // A disk that fails for a moment must not give the machine another number.
            guard error.number != EIO else { throw .system(action: "read", path: path, errno: error.number) }
            return nil
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard lines.count == 2, !lines[0].isEmpty, lines[1].utf8.count == 32 else { return nil }
        var id: [UInt8] = []
        for index in stride(from: 0, to: 32, by: 2) {
            guard let byte = UInt8(lines[1].dropFirst(index).prefix(2), radix: 16) else { return nil }
            id.append(byte)
        }
        return Machine(label: shortened(String(lines[0])), id: id)
    }

    private static func hostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&buffer, buffer.count - 1) == 0 else { return "machine" }
        let name = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return name.isEmpty ? "machine" : String(decoding: name, as: UTF8.self)
    }

    /// A label of at most 16 bytes of whole characters, without control characters.
    private static func shortened(_ name: String) -> String {
        var label = ""
        for character in UnicodeText.composed(name) where !character.unicodeScalars.contains(where: isControl) {
            guard (label + String(character)).utf8.count <= Limits.machineLabelWritten else { break }
            label.append(character)
        }
        return label.isEmpty ? "machine" : label
    }

    /// Sorts backup codes in an order of this machine's own.
    package func codeOrder(_ field: FieldName) -> [UInt8] {
        guard case .element(_, let keys) = field else { return [] }
        let message = id + keys.flatMap { $0 }
        return BLAKE2b.hash(message.span, count: 32)
    }
}
