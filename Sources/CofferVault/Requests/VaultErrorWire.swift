/// Refusals as they cross the agent's socket: the program says them in the same sentences whoever found them.
package import CofferFormat

extension VaultError: WireValue {
    package func write(to sink: inout WireSink) {
        let (number, texts, lists, numbers) = parts
        sink.put(number)
        sink.put(texts)
        sink.put(lists)
        sink.put(numbers)
    }

    private var parts: (UInt64, [String], [[String]], [UInt64]) {
        func errno(_ number: Int32) -> UInt64 { UInt64(UInt32(bitPattern: number)) }
        return switch self {
        case .vaultMissing(let path): (0, [path], [], [])
        case .fileMissing(let path): (1, [path], [], [])
        case .vaultExists(let path): (2, [path], [], [])
        case .wrongPassword(let path): (3, [path], [], [])
        case .damaged(let path, let place): (4, [path, place], [], [])
        case .unsupported(let path, let what): (5, [path, what], [], [])
        case .notAVault(let path, let why): (6, [path, why], [], [])
        case .inUse(let path, let why): (7, [path, why], [], [])
        case .refused(let why, let remedy): (8, [why, remedy], [], [])
        case .limitExceeded(let what): (9, [what], [], [])
        case .notFound(let what, let near): (10, [what], [near], [])
        case .notInEntry(let what, let title, let near): (11, [what, title], [near], [])
        case .ambiguous(let what, let candidates): (12, [what], [candidates], [])
        case .inTrash(let title): (13, [title], [], [])
        case .notInTrash(let title): (14, [title], [], [])
        case .conflict(let title, let field): (15, [title, field], [], [])
        case .system(let action, let path, let number): (16, [action, path], [], [errno(number)])
        case .unconfirmed(let path, let number): (17, [path], [], [errno(number)])
        case .older(let path, let missing, let seen): (18, [path], [], [missing, seen])
        case .olderEpoch(let path): (19, [path], [], [])
        case .rotated(let path, let epoch): (20, [path], [], [epoch])
        case .unpublished(let path, let number): (21, [path], [], [errno(number)])
        case .placeMissing(let path): (22, [path], [], [])
        case .placeUnknown: (23, [], [], [])
        case .vaultInFolder(let path, let folder): (24, [path, folder], [], [])
        case .nothingToJoin(let path): (25, [path], [], [])
        case .severalVaults(let path, let ids): (26, [path], [ids], [])
        case .invalidInput(let why): (27, [why], [], [])
        case .keyFileUnusable(let path, let why): (28, [path, why], [], [])
        case .lockedMeanwhile(let path): (29, [path], [], [])
        case .agentTooOld(let path): (30, [path], [], [])
        case .tooManyReads(let path): (31, [path], [], [])
        case .agentLost(let path): (32, [path], [], [])
        case .replaced(let path): (33, [path], [], [])
        }
    }

    package init(from reader: inout WireReader) throws(FormatError) {
        let number = try reader.unsigned()
        let texts = try reader.read([String].self)
        let lists = try reader.read([[String]].self)
        let numbers = try reader.read([UInt64].self)
        let errno = numbers.first.flatMap { UInt32(exactly: $0) }.map { Int32(bitPattern: $0) } ?? 0
        switch (number, texts.count, lists.count, numbers.count) {
        case (0, 1, 0, 0): self = .vaultMissing(path: texts[0])
        case (1, 1, 0, 0): self = .fileMissing(path: texts[0])
        case (2, 1, 0, 0): self = .vaultExists(path: texts[0])
        case (3, 1, 0, 0): self = .wrongPassword(path: texts[0])
        case (4, 2, 0, 0): self = .damaged(path: texts[0], place: texts[1])
        case (5, 2, 0, 0): self = .unsupported(path: texts[0], what: texts[1])
        case (6, 2, 0, 0): self = .notAVault(path: texts[0], why: texts[1])
        case (7, 2, 0, 0): self = .inUse(path: texts[0], why: texts[1])
        case (8, 2, 0, 0): self = .refused(why: texts[0], remedy: texts[1])
        case (9, 1, 0, 0): self = .limitExceeded(what: texts[0])
        case (10, 1, 1, 0): self = .notFound(what: texts[0], near: lists[0])
        case (11, 2, 1, 0): self = .notInEntry(what: texts[0], title: texts[1], near: lists[0])
        case (12, 1, 1, 0): self = .ambiguous(what: texts[0], candidates: lists[0])
        case (13, 1, 0, 0): self = .inTrash(title: texts[0])
        case (14, 1, 0, 0): self = .notInTrash(title: texts[0])
        case (15, 2, 0, 0): self = .conflict(title: texts[0], field: texts[1])
        case (16, 2, 0, 1): self = .system(action: texts[0], path: texts[1], errno: errno)
        case (17, 1, 0, 1): self = .unconfirmed(path: texts[0], errno: errno)
        case (18, 1, 0, 2): self = .older(path: texts[0], missing: numbers[0], seenAtSeconds: numbers[1])
        case (19, 1, 0, 0): self = .olderEpoch(path: texts[0])
        case (20, 1, 0, 1): self = .rotated(path: texts[0], epoch: numbers[0])
        case (21, 1, 0, 1): self = .unpublished(path: texts[0], errno: errno)
        case (22, 1, 0, 0): self = .placeMissing(path: texts[0])
        case (23, 0, 0, 0): self = .placeUnknown
        case (24, 2, 0, 0): self = .vaultInFolder(path: texts[0], folder: texts[1])
        case (25, 1, 0, 0): self = .nothingToJoin(path: texts[0])
        case (26, 1, 1, 0): self = .severalVaults(path: texts[0], ids: lists[0])
        case (27, 1, 0, 0): self = .invalidInput(why: texts[0])
        case (28, 2, 0, 0): self = .keyFileUnusable(path: texts[0], why: texts[1])
        case (29, 1, 0, 0): self = .lockedMeanwhile(path: texts[0])
        case (30, 1, 0, 0): self = .agentTooOld(path: texts[0])
        case (31, 1, 0, 0): self = .tooManyReads(path: texts[0])
        case (32, 1, 0, 0): self = .agentLost(path: texts[0])
        case (33, 1, 0, 0): self = .replaced(path: texts[0])
        default: throw .unexpected
        }
    }
}
