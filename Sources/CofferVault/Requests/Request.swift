/// Everything that can be asked of an unlocked vault is one `Request` (docs/agent.md, "Requests").
package import CofferModel

/// A question or an order, and how it is answered. In the program itself a ``LocalSession`` answers it; through the agent the
/// same code does, in the other process.
package protocol Request: WireValue {
    associatedtype Answer: WireValue

    /// Its number in messages; never given to another request.
    static var number: UInt64 { get }

    func answer(by session: LocalSession) throws(VaultError) -> Answer

    /// Whose secrets the answer will hold, as far as that is known before: what draws must not be refused after it has drawn.
    var discloses: Disclosed { get }

    /// Whose secrets `answer` holds, where that is known only then.
    func disclosed(by answer: Answer, in session: LocalSession) throws(VaultError) -> Disclosed
}

extension Request {
    package var discloses: Disclosed { .nothing }
    package func disclosed(by answer: Answer, in session: LocalSession) throws(VaultError) -> Disclosed { .nothing }
}

/// Whose secrets an answer tells.
package enum Disclosed: Sendable {
    case nothing
    /// Of these: several where joined entries are shown as one.
    case entries([EntryID])
    /// Something of every entry.
    case all
}
