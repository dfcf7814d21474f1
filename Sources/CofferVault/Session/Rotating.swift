/// A new vault key: the answer to a lost machine (docs/sync.md, "Rotation"). Everything is sealed again.
import CofferCrypto
package import CofferFormat
import CofferMemory
import CofferMerge
import CofferModel

/// What a vault is sealed with from now on. Its id stays, its epoch grows by one.
package struct NewKeys: ~Copyable {
    package let keys: KeyHierarchy
    let slots: [KeySlot]

    /// Draws the vault key and makes the slots; the KDF runs once. `kdf` costs at least what `old` cost.
    package static func make(
        after old: OpenVault, _ credential: Credential, kdf: SlotKDF, recovery: Credential?, author: Author
    ) throws(VaultError) -> NewKeys {
        guard old.keys.context.epoch < Limits.epoch else {
            throw .limitExceeded(what: "\(Limits.epoch) changes of the vault key")
        }
        let context = VaultContext(vaultID: old.keys.context.vaultID, epoch: old.keys.context.epoch + 1)
        let keys = KeyHierarchy(VaultKey.make(random: author.random), context)
        let present = old.registry.live(.password).map(\.slot.parameters.kdf)
        var slots = [
            try keys.makeSlot(
                .password, kdf.raised(to: present), isTest: false, credential: credential, random: author.random)
        ]
        if let recovery {
            slots.append(
                try keys.makeSlot(.recovery, .none, isTest: false, credential: recovery, random: author.random))
        }
        return NewKeys(keys: keys, slots: slots)
    }
}

extension LocalSession {
    /// Seals the whole vault with `new`, and remembers, where a machine was `lost`, what that machine could read.
    ///
    /// The file from before stays as a backup, which the old password opens. Versions keep their ids, so that what another
    /// machine still edits with the old key can be merged later.
    package func rotate(to new: borrowing NewKeys, lost: String?) throws(VaultError) -> OpenVault {
        let (keys, slots) = (new.keys, new.slots)
        return try vault.underLock { () throws(VaultError) in
            let drafts = slots.map { slot in
                Draft(
                    field: SlotRegistry.field(slot.parameters.role),
                    value: .bytes(.init(copying: slot.encoded)))
            }
            let registry = try mint(EntryVersions(), drafts)
            let known = vault.state.index.settings
            var changes = [ElementNameSetting.draft(known, vault.keys)].compactMap { $0 }
            if let lost { changes.append(try RotationList(vault, lost: lost, author).draft(known)) }
            let settings = try mint(known, changes)
            let state = try VaultWriter(path: vault.path, keys: keys).reseal(
                vault.state, openedWith: vault.keys, registry: registry, settings: settings)
            let rotated = try OpenVault(path: vault.path, keys: keys, state: state)
            rotated.memory = vault.memory?.successor(keys, stateID: rotated.state.id)
            return rotated
        }
    }

    /// The files in the shared folder that have the newest vault key, where it is newer than the vault's own.
    package func newerEpochFiles(_ place: SyncPlace?) throws(VaultError) -> [String] {
        guard let place = place ?? syncPlace else { throw .placeUnknown }
        func epoch(_ path: String) -> UInt64 {
            (try? Container.open(path, followsLinks: false))?.header.context.epoch ?? 0
        }
        // The newest come first.
        let paths = try JoinableFolder.read(place, vaultID: vault.keys.context.vaultID.hexadecimal).paths
        guard let newest = paths.first.map(epoch), newest > vault.keys.context.epoch else { return [] }
        return paths.filter { epoch($0) == newest }
    }

    /// Takes over the newer vault key of `newer`, a file of this vault that its own password has opened. Versions unite:
    /// what this machine edited with the old key is in the result. Slots do not: the old password opens it no more. Refuses
    /// where an entry of both would be larger than a reader takes.
    package func adopt(_ newer: OpenVault) throws(VaultError) -> (vault: OpenVault, report: MergeReport) {
        guard newer.keys.context.vaultID == vault.keys.context.vaultID,
            newer.keys.context.epoch > vault.keys.context.epoch
        else {
            throw .refused(
                why: "\(newer.path) has no newer vault key; nothing was changed", remedy: "Sync as usual: coffer sync")
        }
        return try vault.underLock { () throws(VaultError) in
            var plan = MergePlan(newer)
            try plan.add(all: vault)
            let (edits, report) = try plan.finish()
            if let entry = report.tooLarge.first {
                throw .refused(
                    why:
                        "the entry \(entry.title) would be larger than 16 MiB with what both files hold of it; nothing was changed",
                    remedy:
                        "Put what you need of it into a new entry, purge this one (coffer rm, then coffer purge), and accept"
                        + " the rotation then.")
            }
            let state = try VaultWriter(path: vault.path, keys: newer.keys).replace(
                with: edits, over: newer.state)
            let adopted = try OpenVault(path: vault.path, keys: newer.keys, state: state)
            adopted.memory = vault.memory?.successor(newer.keys, stateID: adopted.state.id)
            return (adopted, report)
        }
    }
}

extension MergePlan {
    /// Takes in the entries and settings of a vault file with another key epoch.
    mutating func add(all other: OpenVault) throws(VaultError) {
        for position in other.records.indices {
            let entry = try other.entry(at: position)
            try add(entry.id, entry.versions, from: other.path)
        }
        try add(settings: other.state.index.settings, from: other.path)
    }
}
