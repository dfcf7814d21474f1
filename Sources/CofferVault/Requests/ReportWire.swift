/// Reports of merging and syncing as they cross the agent's socket (docs/agent.md, "Messages").
package import CofferFormat
import CofferMemory
import CofferMerge
import CofferModel

extension SyncPlace: WireValue {
    package func write(to sink: inout WireSink) {
        if case .folder = self { sink.put(true) } else { sink.put(false) }
        sink.put(path)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self = try reader.read(Bool.self) ? .folder(try reader.read()) : .file(try reader.read())
    }
}

extension MergedEntry: WireValue {
    package func write(to sink: inout WireSink) {
        sink.put(id)
        sink.put(title)
        sink.put([isAdded, isBroughtBack, isTrashed, isPurged])
        sink.put(changed)
        sink.put(conflicts)
        sink.put(state)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        let (id, title) = (try reader.read(EntryID.self), try reader.read(String.self))
        let marks = try reader.read([Bool].self)
        guard marks.count == 4 else { throw .unexpected }
        self.init(
            id: id, title: title, isAdded: marks[0], changed: try reader.read(), conflicts: try reader.read(),
            isBroughtBack: marks[1], isTrashed: marks[2], isPurged: marks[3], state: try reader.read())
    }
}

extension MergedKey: WireValue {
    package func write(to sink: inout WireSink) {
        sink.put(UInt64(role.rawValue))
        sink.put(machine)
        sink.put([isReplacing, needsKeyFile, needsNewKeyFile])
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        guard let role = UInt8(exactly: try reader.unsigned()).flatMap(KeySlotParameters.Role.init) else {
            throw .unexpected
        }
        let machine = try reader.read(String.self)
        let marks = try reader.read([Bool].self)
        guard marks.count == 3 else { throw .unexpected }
        self.init(
            role: role, machine: machine, isReplacing: marks[0], needsKeyFile: marks[1], needsNewKeyFile: marks[2])
    }
}

extension MergeReport: WireValue {
    package func write(to sink: inout WireSink) {
        sink.put(entries)
        sink.put(keys)
        sink.put(tooLarge)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(entries: try reader.read(), keys: try reader.read(), tooLarge: try reader.read())
    }
}

extension SkipReason: WireValue {
    package func write(to sink: inout WireSink) {
        switch self {
        case .notAVault: sink.put(UInt64(0))
        case .notAFile(let what): Self.put(1, what, &sink)
        case .unreadable(let errno): Self.put(2, errno, &sink)
        case .damaged(let place): Self.put(3, place, &sink)
        case .unsupported(let what): Self.put(4, what, &sink)
        case .otherVault: sink.put(UInt64(5))
        case .olderEpoch(let epoch): Self.put(6, epoch, &sink)
        case .newerEpoch(let epoch): Self.put(7, epoch, &sink)
        case .otherKey(let epoch): Self.put(8, epoch, &sink)
        case .tooMany: sink.put(UInt64(9))
        }
    }
    private static func put(_ number: UInt64, _ value: some WireValue, _ sink: inout WireSink) {
        sink.put(number)
        sink.put(value)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        switch try reader.unsigned() {
        case 0: self = .notAVault
        case 1: self = .notAFile(try reader.read())
        case 2: self = .unreadable(errno: try reader.read())
        case 3: self = .damaged(place: try reader.read())
        case 4: self = .unsupported(what: try reader.read())
        case 5: self = .otherVault
        case 6: self = .olderEpoch(try reader.read())
        case 7: self = .newerEpoch(try reader.read())
        case 8: self = .otherKey(try reader.read())
        case 9: self = .tooMany
        default: throw .unexpected
        }
    }
}

extension SkippedFile: WireValue {
    package func write(to sink: inout WireSink) {
        sink.put(name)
        sink.put(reason)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(name: try reader.read(), reason: try reader.read())
    }
}

extension WentBack: WireValue {
    package func write(to sink: inout WireSink) {
        sink.put(name)
        sink.put(machineLabel)
        sink.put(isOwn)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(name: try reader.read(), machineLabel: try reader.read(), isOwn: try reader.read())
    }
}

extension SyncReport: WireValue {
    package func write(to sink: inout WireSink) {
        sink.put(place)
        sink.put(merge)
        sink.put(outCount)
        sink.put(isPublished)
        sink.put(otherName.map { [$0.usual, $0.taken] })
        sink.put(skipped)
        sink.put(wentBack)
        sink.put(mergedCopies)
        sink.put(cameBack.map { [$0.found, $0.missing] })
        sink.put(isRemembered)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(place: try reader.read())
        merge = try reader.read()
        outCount = try reader.read()
        isPublished = try reader.read()
        if let names = try reader.read([String]?.self) {
            guard names.count == 2 else { throw .unexpected }
            otherName = (names[0], names[1])
        }
        skipped = try reader.read()
        wentBack = try reader.read()
        mergedCopies = try reader.read()
        if let counts = try reader.read([UInt64]?.self) {
            guard counts.count == 2 else { throw .unexpected }
            cameBack = (counts[0], counts[1])
        }
        isRemembered = try reader.read()
    }
}

extension SyncedMachine: WireValue {
    package func write(to sink: inout WireSink) {
        sink.put(name)
        sink.put(label)
        sink.put([isOwn, wentBack, isBehindReceipt, isMissing])
        sink.put(changedAtSeconds)
        sink.put(heardAtSeconds)
        sink.put(aheadCount)
        sink.put(behindCount)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        let (name, label) = (try reader.read(String.self), try reader.read(String.self))
        let marks = try reader.read([Bool].self)
        guard marks.count == 4 else { throw .unexpected }
        self.init(
            name: name, label: label, isOwn: marks[0], changedAtSeconds: try reader.read(),
            heardAtSeconds: try reader.read(), aheadCount: try reader.read(), behindCount: try reader.read(),
            wentBack: marks[1], isBehindReceipt: marks[2], isMissing: marks[3])
    }
}

extension SyncStatus: WireValue {
    package func write(to sink: inout WireSink) {
        sink.put(place)
        sink.put(machines)
        sink.put(skipped)
        sink.putBytes(fingerprint)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(
            place: try reader.read(), machines: try reader.read(), skipped: try reader.read(),
            fingerprint: try reader.bytes())
    }
}

extension HoldingBackups: WireValue {
    package func write(to sink: inout WireSink) {
        sink.put(holding)
        sink.put(unknownCount)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(holding: try reader.read(), unknownCount: try reader.read())
    }
}

extension LongHistory: WireValue {
    package func write(to sink: inout WireSink) {
        sink.put(title)
        sink.put(versionCount)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(title: try reader.read(), versionCount: try reader.read())
    }
}

extension Backup: WireValue {
    package func write(to sink: inout WireSink) {
        sink.put(number)
        sink.put(path)
        sink.put(replacedAtSeconds)
        sink.put(sizeCount)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(
            number: try reader.read(), path: try reader.read(), replacedAtSeconds: try reader.read(),
            sizeCount: try reader.read())
    }
}

extension ExposedEntry: WireValue {
    package func write(to sink: inout WireSink) {
        sink.put(id)
        sink.put(title)
        sink.put(username)
        sink.put(fields)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(
            id: try reader.read(), title: try reader.read(), username: try reader.read(), fields: try reader.read())
    }
}

extension ExposedEntries: WireValue {
    package func write(to sink: inout WireSink) {
        sink.put(lost)
        sink.put(atSeconds)
        sink.put(entries)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(lost: try reader.read(), atSeconds: try reader.read(), entries: try reader.read())
    }
}
