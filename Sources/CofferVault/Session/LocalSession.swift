/// The session of a vault that this process has opened: it has the keys and answers every request itself.
import CofferCrypto
import CofferMemory
import CofferModel

/// An open vault with the one who edits it.
package final class LocalSession: Session {
    package let vault: OpenVault
    package let author: Author
    package let machine: Machine
    /// What stand-ins of secrets are made with, in this process only.
    private let standInKey: SecretSlice

    package init(vault: OpenVault, author: Author, machine: Machine) {
        self.vault = vault
        self.author = author
        self.machine = machine
        standInKey = SecretSlice(author.random.makeSecret(count: 32))
    }

    package var path: String { vault.path }

    package var afterSave: (([LongHistory]) -> Void)? {
        get { vault.afterSave }
        set { vault.afterSave = newValue }
    }

    package func answer<Question: Request>(_ request: Question) throws(VaultError) -> Question.Answer {
        try request.answer(by: self)
    }

    func disclosing(_ entry: Entry, _ disclosure: Disclosure) -> Entry {
        disclosure.applied(to: entry, key: standInKey)
    }
}
