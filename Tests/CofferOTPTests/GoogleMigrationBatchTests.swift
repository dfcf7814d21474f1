/// The parts of one export put together: order, what is missing, what does not belong.
import CofferMemory
import CofferOTP
import Testing

struct GoogleMigrationBatchTests {
    static func part(_ number: UInt64, of size: UInt64, id: UInt64 = 7, name: String? = nil) throws(OTPError)
        -> GoogleMigration.Part
    {
        let account = field(1, GoogleMigrationTests.key) + field(2, name ?? "account \(number)")
        return try parsePart(field(1, account) + numbers(size: size, index: number - 1, id: id))
    }

    @Test func `parts come in any order and more than once, and what is missing is told`() throws {
        var batch = GoogleMigrationBatch()
        #expect(batch.size == 0 && batch.missing.isEmpty && !batch.isComplete)
        let steps: [(UInt64, [Int])] = [(4, [1, 2, 3]), (2, [1, 3]), (4, [1, 3]), (1, [3]), (2, [3]), (3, [])]
        for (number, missing) in steps {
            try batch.add(try Self.part(number, of: 4))
            #expect(batch.missing == missing)
            #expect(batch.isComplete == missing.isEmpty)
        }
        #expect(batch.size == 4)
        #expect(batch.accounts.map(\.account) == ["account 1", "account 2", "account 3", "account 4"])
    }

    @Test func `a part of another export is refused and changes nothing`() throws {
        var batch = GoogleMigrationBatch()
        try batch.add(try Self.part(1, of: 3))
        let before = batch
        for other in [
            try Self.part(2, of: 3, id: 8), try Self.part(2, of: 4), try Self.part(1, of: 3, name: "another"),
        ] {
            let error = failure { () throws(OTPError) in try batch.add(other) }
            #expect(error == .otherMigration)
            #expect(batch == before)
        }
    }

    @Test func `accounts that cannot be taken are told of in the order of the parts`() throws {
        var batch = GoogleMigrationBatch()
        for number in [UInt64(2), 1] {
            let account = field(2, "account \(number)") + field(9, 1)
            try batch.add(try parsePart(field(1, account) + numbers(size: 2, index: number - 1)))
        }
        #expect(batch.isComplete && batch.accounts.isEmpty)
        #expect(batch.skipped.map(\.part) == [1, 2])
        #expect(batch.skipped.map(\.name) == ["account 1", "account 2"])
        #expect(batch.unknownFieldCount == 2)
    }
}
