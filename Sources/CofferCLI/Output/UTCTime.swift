/// Times as people and scripts read and write them: RFC 3339 in UTC, or plain Unix seconds.
import CofferMemory

/// A second from the year 0000 to 9999, which is what RFC 3339 can write.
package struct UTCTime: Equatable, Sendable {
    /// 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
    package static let unixSecondsRange: ClosedRange<Int64> = -62_167_219_200...253_402_300_799
    private static let daySeconds: Int64 = 86_400

    /// Seconds since 1970-01-01T00:00:00Z.
    package let unixSeconds: Int64

    /// A time outside what can be written becomes the nearest that can: it came from some machine's wrong clock.
    package init(clampingUnixSeconds seconds: some BinaryInteger) {
        let seconds = Int64(clamping: seconds)
        unixSeconds = min(max(seconds, Self.unixSecondsRange.lowerBound), Self.unixSecondsRange.upperBound)
    }

    // MARK: Writing

    /// `2024-05-01T12:00:00Z`.
    package var text: String {
        var buffer = PrivateBuilder(capacity: 20)
        append(to: &buffer)
        return buffer.text()
    }

    /// `2024-05-01`.
    package var dateText: String { String(text.prefix(10)) }

    /// Appends ``text``: lists have one or two times an entry.
    package func append(to sink: inout some ByteSink & ~Copyable) {
        let (date, second) = (civilDate, secondOfDay)
        var digits = InlineArray<20, UInt8>(repeating: UInt8(ascii: "-"))
        Self.write(date.year, 4, at: 0, in: &digits)
        Self.write(date.month, 2, at: 5, in: &digits)
        Self.write(date.day, 2, at: 8, in: &digits)
        digits[10] = UInt8(ascii: "T")
        Self.write(second / 3600, 2, at: 11, in: &digits)
        digits[13] = UInt8(ascii: ":")
        Self.write(second / 60 % 60, 2, at: 14, in: &digits)
        digits[16] = UInt8(ascii: ":")
        Self.write(second % 60, 2, at: 17, in: &digits)
        digits[19] = UInt8(ascii: "Z")
        sink.append(digits.span)
    }

    private var secondOfDay: Int64 {
        let remainder = unixSeconds % Self.daySeconds
        return remainder < 0 ? remainder + Self.daySeconds : remainder
    }

    /// The proleptic Gregorian date. Counts in eras of 400 years (146,097 days) that begin on 1 March, so that the leap
    /// day is the last of its year.
    private var civilDate: (year: Int64, month: Int64, day: Int64) {
        let days = (unixSeconds - secondOfDay) / Self.daySeconds + Self.daysBeforeUnixEpoch
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }

    /// From 0000-03-01 to 1970-01-01.
    private static let daysBeforeUnixEpoch: Int64 = 719_468

    /// Writes `number` with leading zeros; it has at most `width` digits.
    private static func write(_ number: Int64, _ width: Int, at start: Int, in digits: inout InlineArray<20, UInt8>) {
        var rest = number
        for place in stride(from: start + width - 1, through: start, by: -1) {
            digits[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }

    // MARK: Reading

    /// Reads RFC 3339 (`2024-05-01T12:00:00Z`, `2024-05-01 15:00:00.25+03:00`; fractions are dropped, a leap second is
    /// the second after it) or Unix seconds (`1714564800`). Nil for anything else and for times out of range.
    package init?(_ text: String) {
        if let seconds = Int64(text), text.utf8.first != UInt8(ascii: "+") {
            guard Self.unixSecondsRange.contains(seconds) else { return nil }
            unixSeconds = seconds
            return
        }
        var reader = Reader(text)
        guard let seconds = reader.dateTime(), Self.unixSecondsRange.contains(seconds) else { return nil }
        unixSeconds = seconds
    }

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - daysBeforeUnixEpoch
    }

    /// Takes an RFC 3339 time apart from front to back.
    private struct Reader {
        private var rest: ArraySlice<UInt8>

        init(_ text: String) { rest = ArraySlice(text.utf8) }

        mutating func dateTime() -> Int64? {
            guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
                (1...12).contains(month), day >= 1, day <= Self.days(in: month, year),
                take("T") || take("t") || take(" "),
                let hour = number(2), hour <= 23, take(":"), let minute = number(2), minute <= 59, take(":"),
                let second = number(2), second <= 60
            else { return nil }
            if take(".") {
                guard number(1) != nil else { return nil }
                while number(1) != nil {}
            }
            guard let offset = offsetSeconds(), rest.isEmpty else { return nil }
            let days = UTCTime.days(year: year, month: month, day: day)
            return days * daySeconds + hour * 3600 + minute * 60 + second - offset
        }

        private mutating func offsetSeconds() -> Int64? {
            if take("Z") || take("z") { return 0 }
            let sign: Int64 = take("-") ? -1 : 1
            guard sign < 0 || take("+") else { return nil }
            guard let hours = number(2), hours <= 23, take(":"), let minutes = number(2), minutes <= 59 else {
                return nil
            }
            return sign * (hours * 3600 + minutes * 60)
        }

        private static func days(in month: Int64, _ year: Int64) -> Int64 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
        }

        /// Exactly `count` digits.
        private mutating func number(_ count: Int) -> Int64? {
            guard rest.count >= count else { return nil }
            var value: Int64 = 0
            for byte in rest.prefix(count) {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            rest = rest.dropFirst(count)
            return value
        }

        private mutating func take(_ symbol: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: symbol) else { return false }
            rest = rest.dropFirst()
            return true
        }
    }
}
