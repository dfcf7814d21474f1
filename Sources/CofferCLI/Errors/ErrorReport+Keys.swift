/// What is told of passwords, keys and their derivation; ErrorReport.swift says how.
import CofferCrypto
import CofferVault

extension ErrorReport {
    init(_ error: PasswordError) {
        let why =
            switch error {
            case .empty: "The master password is empty; nothing was changed."
            case .tooLong: "The master password is longer than 1,024 bytes; nothing was changed."
            case .notUTF8: "The master password is not UTF-8 text; nothing was changed."
            case .containsNUL: "The master password contains a NUL byte; nothing was changed."
            }
        self.init(code: .usage, why, "A master password is 1 to 1,024 bytes of UTF-8 text on one line.")
    }

    init(_ error: RecoveryKeyError) {
        let remedy = "It is CR1- and nine groups of four letters and digits, as on the recovery sheet."
        switch error {
        case .malformed: self.init(code: .wrongPassword, "That is not a recovery key; nothing was changed.", remedy)
        case .checksumMismatch:
            self.init(
                code: .wrongPassword, "There is a typing mistake in that recovery key; nothing was changed.", remedy)
        }
    }

    init(_ error: CryptoError) {
        switch error {
        case .outOfMemory:
            self.init(
                code: .failed, "There is not enough memory for this vault's key derivation; nothing was changed.",
                "Close other programs, or open it on a larger machine and choose a lighter KDF: coffer passwd")
        case .parameterUnsupported:
            self.init(
                code: .unsupported, "A length or cost is one that the algorithm does not have; nothing was changed.",
                "A newer Coffer may know it.")
        case .paddingInvalid:
            self.init(
                code: .damaged, "The vault is damaged or was altered (padding); it was left as it is.",
                Self.damagedRemedy)
        }
    }
}
