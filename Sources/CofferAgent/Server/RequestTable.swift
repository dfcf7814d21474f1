/// Which request a number in a message means.
package import CofferVault

package enum RequestTable {
    /// Nil for a number that is no request's.
    package static func type(of number: UInt64) -> (any Request.Type)? {
        let types: [any Request.Type] = [
            FindEntry.self, OpenEntry.self, GroupIDs.self, NameIsTaken.self, CountEntries.self, NameElement.self,
            ListEntries.self, FindOneTimeCode.self, ListOneTimeCodes.self, SaveEdits.self, DrawCode.self,
            DrawHOTP.self, SyncNow.self, KnownPlace.self, LookAtReplicas.self, MergeFiles.self, BackupsHolding.self,
            ListExposed.self, DropExposed.self,
        ]
        return types.first { $0.number == number }
    }
}
