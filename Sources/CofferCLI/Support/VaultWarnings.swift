/// What is said of a vault each time it is opened.
import CofferAgent

enum VaultWarnings {
    static func say(_ notes: VaultNotes) {
        if notes.hasTestSlot {
            Output.message(
                "coffer: warning: this vault has a key slot made with --unsafe-test-kdf and is easy to guess; "
                    + "run coffer passwd before it holds real secrets")
        }
        for (count, name, command) in [
            (notes.passwordCount, "master passwords", "coffer passwd"),
            (notes.recoveryKeyCount, "recovery keys", "coffer kit new"),
        ] where count > 1 {
            Output.message(
                "coffer: warning: \(count == 2 ? "two" : "\(count)") \(name) open this vault, because it was changed on"
                    + " several machines at once. Choose one: \(command)")
        }
    }
}
