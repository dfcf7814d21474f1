/// Other copies of the vault: replicas, other files, backups (docs/sync.md, docs/merge.md).
package import CofferModel

/// The backups that hold something, and how many others cannot be opened with this vault's key.
package struct HoldingBackups: Sendable {
    /// Newest first.
    package let holding: [Backup]
    package let unknownCount: Int
}

extension Session {
    /// Merges all replicas at `place`, or at the place that is known, and publishes this machine's own; with `isDryRun` only
    /// says what that would do.
    package func sync(_ place: SyncPlace?, isDryRun: Bool = false) throws(VaultError) -> SyncReport {
        try answer(SyncNow(place: place, isDryRun: isDryRun))
    }

    /// The place of replicas that was named last.
    package func knownPlace() throws(VaultError) -> SyncPlace? { try answer(KnownPlace()) }

    /// Reads the shared folder and changes nothing.
    package func syncStatus() throws(VaultError) -> SyncStatus { try answer(LookAtReplicas()) }

    /// Merges the files at `paths`, of this vault and key epoch, in one save.
    package func merge(_ paths: [String], isDryRun: Bool) throws(VaultError) -> MergeReport {
        try answer(MergeFiles(paths: paths, isDryRun: isDryRun))
    }

    /// The backups that hold one of `ids` unpurged.
    package func backupsHolding(_ ids: [EntryID]) throws(VaultError) -> HoldingBackups {
        try answer(BackupsHolding(ids: ids))
    }

    /// What the machine that was lost could read and is still the same; nil when no machine was lost.
    package func exposedEntries() throws(VaultError) -> ExposedEntries? { try answer(ListExposed()) }

    /// Gives that list up.
    package func dropExposedEntries() throws(VaultError) { _ = try answer(DropExposed()) }
}
