/// Reads how long something is to last: `45s`, `10m`, `8h`, `1d`.
import ArgumentParser
import CofferAgent

struct DurationArgument: ExpressibleByArgument {
    let seconds: Int

    init?(argument: String) {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        var digits = argument[...]
        let unit = digits.last.flatMap { units[$0] }
        if unit != nil { digits = digits.dropLast() }
        guard (1...7).contains(digits.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int(digits), count > 0, count * (unit ?? 1) <= HoldingTerms.secondsMaximum
        else { return nil }
        seconds = count * (unit ?? 1)
    }
}

/// How long, as people say it.
enum DurationText {
    /// `45 s`, `10 min`, `7 h 59 min`; a minute that has begun counts.
    static func text(seconds: Int) -> String {
        if seconds < 120 { return "\(seconds) s" }
        let minutes = (seconds + 59) / 60
        guard minutes >= 60 else { return "\(minutes) min" }
        return "\(minutes / 60) h" + (minutes % 60 == 0 ? "" : " \(minutes % 60) min")
    }
}
