/// Requests about other copies of the vault: what needs its key, and is done where the key is (docs/sync.md).
package import CofferFormat
import CofferMemory
import CofferModel

/// Reads all replicas, merges, saves, publishes.
package struct SyncNow: Request {
    package static let number: UInt64 = 24
    let place: SyncPlace?
    let isDryRun: Bool

    package func answer(by session: LocalSession) throws(VaultError) -> SyncReport {
        try session.performSync(place, isDryRun: isDryRun)
    }
}

/// Where the vault's replicas lie, if that is known.
package struct KnownPlace: Request {
    package static let number: UInt64 = 25

    package func answer(by session: LocalSession) throws(VaultError) -> SyncPlace? { session.syncPlace }
}

/// Who shares the vault, and how far each is.
package struct LookAtReplicas: Request {
    package static let number: UInt64 = 26

    package func answer(by session: LocalSession) throws(VaultError) -> SyncStatus { try session.readReplicas() }
}

/// Merges files of the same key epoch into the vault.
package struct MergeFiles: Request {
    package static let number: UInt64 = 27
    let paths: [String]
    let isDryRun: Bool

    package func answer(by session: LocalSession) throws(VaultError) -> MergeReport {
        try session.performMerge(paths, isDryRun: isDryRun)
    }
}

/// The backups that still hold entries, for a purge to tell of.
package struct BackupsHolding: Request {
    package static let number: UInt64 = 28
    let ids: [EntryID]

    package func answer(by session: LocalSession) throws(VaultError) -> HoldingBackups {
        session.backups(holding: ids)
    }
}

/// What a lost machine could read and is still the same.
package struct ListExposed: Request {
    package static let number: UInt64 = 29

    package func answer(by session: LocalSession) throws(VaultError) -> ExposedEntries? {
        try session.readExposedEntries()
    }
}

/// Gives the list of what a lost machine could read up.
package struct DropExposed: Request {
    package static let number: UInt64 = 30

    package func answer(by session: LocalSession) throws(VaultError) -> Done {
        try session.performDropOfExposed()
        return Done()
    }
}

// MARK: In messages

extension SyncNow {
    package func write(to sink: inout WireSink) {
        sink.put(place)
        sink.put(isDryRun)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(place: try reader.read(), isDryRun: try reader.read())
    }
}

extension KnownPlace {
    package func write(to sink: inout WireSink) {}
    package init(from reader: inout WireReader) throws(FormatError) { self.init() }
}

extension LookAtReplicas {
    package func write(to sink: inout WireSink) {}
    package init(from reader: inout WireReader) throws(FormatError) { self.init() }
}

extension MergeFiles {
    package func write(to sink: inout WireSink) {
        sink.put(paths)
        sink.put(isDryRun)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(paths: try reader.read(atMost: RequestLimits.paths), isDryRun: try reader.read())
    }
}

extension BackupsHolding {
    package func write(to sink: inout WireSink) { sink.put(ids) }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(ids: try reader.read(atMost: RequestLimits.ids))
    }
}

extension ListExposed {
    package func write(to sink: inout WireSink) {}
    package init(from reader: inout WireReader) throws(FormatError) { self.init() }
}

extension DropExposed {
    package func write(to sink: inout WireSink) {}
    package init(from reader: inout WireReader) throws(FormatError) { self.init() }
}
