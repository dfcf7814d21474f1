/// When and where a backup code was used, in words.
import CofferModel

enum CodeUse {
    static func time(_ code: BackupCode) -> UTCTime? {
        code.isUsed ? code.usedAtSeconds.map { UTCTime(clampingUnixSeconds: $0) } : nil
    }

    /// The machine's label; empty when the code is unused.
    static func machine(_ code: BackupCode) -> String { code.isUsed ? code.usedBy ?? "" : "" }

    /// `, on 2026-05-01T12:00:00Z by work-pc`; empty when that is not known.
    static func text(_ code: BackupCode) -> String {
        let when = time(code).map { ", on \($0.text)" } ?? ""
        let machine = machine(code)
        return when + (machine.isEmpty ? "" : " by \(Shown.text(machine))")
    }
}
