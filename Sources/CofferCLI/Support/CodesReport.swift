/// What every command that touches backup codes says on standard error at its end: how many are left, and the remedy.

enum CodesReport {
    /// At so many or fewer, new codes are due.
    private static let fewCount = 3

    /// After a command that left `unused` codes; `usedOne` if it used one, so that none left means the last is gone. The
    /// entry was named as `spoken`.
    static func sayLeft(_ unused: Int, of title: String, spoken: String, usedOne: Bool = false) {
        let name = Shown.text(title)
        switch unused {
        case 0 where usedOne: Output.message("That was the last unused backup code for \(name). \(remedy(spoken))")
        case 0: Output.message("No unused backup code is left for \(name). \(remedy(spoken))")
        case 1...fewCount: Output.message("\(count(unused)) left for \(name). \(remedy(spoken))")
        default: Output.message("\(count(unused)) left for \(name).")
        }
    }

    /// What gives new codes.
    static func remedy(_ spoken: String) -> String {
        "While you are still signed in, turn two-factor authentication off and on again, then run: "
            + Shown.command("enrol", spoken)
    }

    /// `; 2 of them were used before and stay used`, or nothing.
    static func usedBefore(_ count: Int) -> String {
        guard count > 0 else { return "" }
        return "; \(count) of them \(count == 1 ? "was used before and stays" : "were used before and stay") used"
    }

    static func count(_ unused: Int) -> String {
        unused == 1 ? "1 unused backup code" : "\(unused) unused backup codes"
    }
}
