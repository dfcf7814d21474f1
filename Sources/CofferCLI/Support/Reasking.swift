/// Asking for the master password in the middle of a request, which can fail only with an error of the vault.
import Synchronization

enum Reasking {
    /// Why the person gave no password, where it is more than that there is nobody to ask: told in the place of the vault's error.
    static let refusal = Mutex<CLIError?>(nil)
}
