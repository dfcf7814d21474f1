/// How much deriving one unlock may do (docs/format.md, "Key slot").
package import CofferFormat

/// The work of four slots of the highest cost that is accepted. More would let a header cost what it likes; a fixed number of
/// slots would shut out the fifth of several master passwords that machines chose at the same time.
package struct UnlockBudget {
    private var shares = 4.0

    package init() {}

    /// Takes the work of one derivation; false when there is not that much left.
    package mutating func take(_ kdf: SlotKDF) -> Bool {
        guard kdf.workShare <= shares else { return false }
        shares -= kdf.workShare
        return true
    }
}
