/// Tests times against known dates, a day-by-day count, and each other.
import CofferCLI
import TestSupport
import Testing

struct UTCTimeTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_700_000_000, "2023-11-14T22:13:20Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (-62_167_219_200, "0000-01-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] as [(Int64, String)])
    func `known seconds have their known dates`(_ seconds: Int64, _ text: String) {
        #expect(UTCTime(clampingUnixSeconds: seconds).text == text)
        #expect(UTCTime(text)?.unixSeconds == seconds)
    }

    @Test func `every day of twelve centuries follows the one before`() {
        var (year, month, day) = (1600, 1, 1)
        var seconds: Int64 = -11_676_096_000
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        while year < 2800 {
            let date = UTCTime(clampingUnixSeconds: seconds).dateText
            let parts = date.split(separator: "-").compactMap { Int($0) }
            guard parts == [year, month, day] else {
                Issue.record("\(seconds) is \(date), not \(year)-\(month)-\(day)")
                return
            }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let length = month == 2 && isLeap ? 29 : lengths[month - 1]
            day += 1
            if day > length { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
            seconds += 86_400
        }
    }

    @Test func `what is written reads back`() {
        let random = SeededRandom()
        print("seed \(random.seed)")
        for _ in 0..<2000 {
            let span = UInt64(UTCTime.unixSecondsRange.upperBound - UTCTime.unixSecondsRange.lowerBound) + 1
            let time = UTCTime(
                clampingUnixSeconds: Int64(random.next() % span) + UTCTime.unixSecondsRange.lowerBound)
            #expect(UTCTime(time.text) == time, "seed \(random.seed)")
            #expect(UTCTime(String(time.unixSeconds)) == time, "seed \(random.seed)")
        }
    }

    @Test func `a time out of range is shown as the nearest that can be`() {
        #expect(UTCTime(clampingUnixSeconds: UInt64.max).text == "9999-12-31T23:59:59Z")
        #expect(UTCTime(clampingUnixSeconds: Int64.min).text == "0000-01-01T00:00:00Z")
    }

    @Test(
        arguments: [
            ("2023-11-14T22:13:20Z", 1_700_000_000),
            ("2023-11-15T01:13:20+03:00", 1_700_000_000),
            ("2023-11-14t17:43:20.999-04:30", 1_700_000_000),
            ("2023-11-14 22:13:20z", 1_700_000_000),
            ("2016-12-31T23:59:60Z", 1_483_228_800),
            ("1700000000", 1_700_000_000),
            ("-1", -1),
        ] as [(String, Int64)])
    func `every form of RFC 3339 is read`(_ text: String, _ seconds: Int64) {
        #expect(UTCTime(text)?.unixSeconds == seconds)
    }

    @Test(arguments: [
        "", "now", "2023-11-14", "2023-11-14T22:13:20", "2023-13-01T00:00:00Z", "2023-02-29T00:00:00Z",
        "2023-11-31T00:00:00Z", "2023-00-01T00:00:00Z", "2023-01-00T00:00:00Z", "2023-11-14T24:00:00Z",
        "2023-11-14T22:60:20Z", "2023-11-14T22:13:61Z", "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20+3:00",
        "2023-11-14T22:13:20+24:00", "2023-11-14T22:13:20Zx", " 1700000000", "+1700000000", "1e9",
        "99999999999999999999", "9223372036854775807", "-9223372036854775808", "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01", "２０２３-11-14T22:13:20Z",
    ])
    func `anything else is refused`(_ text: String) { #expect(UTCTime(text) == nil) }
}
