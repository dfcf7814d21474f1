/// Before a vault lies in a shared folder for the first time: what its password is worth there (docs/sync.md, "The key
/// file").
import CofferFormat
import CofferVault

struct FirstSync {
    let vaultOptions: VaultOptions
    let isWeakPasswordAccepted: Bool

    func check(_ session: Session, _ credential: Credential, _ place: SyncPlace) throws {
    }
}
