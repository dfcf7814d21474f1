/// The one place where errors become sentences and exit codes (docs/cli.md, "Exit codes").
import CofferAgent
import CofferCrypto
import CofferFormat
import CofferMerge
import CofferModel
import CofferOTP
import CofferVault
import Glibc

/// What a person is told of an error: what happened, then what to do.
package struct ErrorReport: Equatable, Sendable {
    package let code: ExitCode
    /// Complete sentences for one line, safe for a terminal; empty when there is nothing to say.
    package let sentences: String
    /// The same for a step after a save: that nothing was changed is not true of the whole then.
    let sentencesAfterSaving: String

    init(code: ExitCode, _ sentences: String...) {
        self.code = code
        let shown = sentences.filter { !$0.isEmpty }.map { escapedForTerminal($0) }
        self.sentences = shown.joined(separator: " ")
        sentencesAfterSaving = shown.map(Self.afterSaving).joined(separator: " ")
    }

    private static func afterSaving(_ sentence: String) -> String {
        for claim in ["; nothing was changed or published.", "; nothing was changed."] where sentence.hasSuffix(claim) {
            return sentence.dropLast(claim.count) + "."
        }
        return sentence
    }

    /// `coffer: error 3: …`, or nil when the status says all.
    package var line: String? { sentences.isEmpty ? nil : "coffer: error \(code.rawValue): \(sentences)" }

    package init(_ error: any Error) {
        switch error {
        case let error as CLIError: self.init(error)
        case let error as VaultError: self.init(error)
        case let error as AgentError: self.init(error)
        case let error as OTPError: self.init(error)
        case let error as BackupCodeTextError: self.init(error)
        case let error as PasswordError: self.init(error)
        case let error as RecoveryKeyError: self.init(error)
        case let error as CryptoError: self.init(error)
        case is FormatError, is SealedBoxError, is MergeError:
            self.init(
                code: .damaged, "The vault is damaged or was altered; it was left as it is.", Self.damagedRemedy)
        default:
            // No description of a foreign error: nobody knows what is in it.
            self.init(code: .failed, "Something went wrong that has no name; please report which command did it.")
        }
    }

    // MARK: Words

    /// The system's name of an error number.
    static func reason(_ number: Int32) -> String {
        // strerror returns a terminated string, copied at once; nobody else calls it meanwhile.
        guard let text = unsafe strerror(number) else { return "error \(number)" }
        return unsafe String(cString: text)
    }

    /// `text` with a capital and a full stop. A path or a title at its beginning stays as it is, as far as it looks like one.
    static func sentence(_ text: String) -> String {
        guard let first = text.first, let last = text.last else { return "" }
        let isWord = text.prefix { $0 != " " }.allSatisfy { $0.isLetter || "-,'".contains($0) }
        return (isWord ? first.uppercased() : String(first)) + text.dropFirst() + (".!?:".contains(last) ? "" : ".")
    }

    static func list(_ names: [String]) -> String { names.map(Shown.word).joined(separator: ", ") }

    /// 65536 as `65,536`.
    static func grouped(_ number: Int) -> String {
        let digits = String(number)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index) % 3 == 0 && text != "-" { text += "," }
            text.append(digit)
        }
        return text
    }
}
