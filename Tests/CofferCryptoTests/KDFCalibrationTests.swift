/// Calibration on made-up machines, whose clock moves with the work.
@testable import CofferCrypto
import CofferMemory
import Testing

struct KDFCalibrationTests {
    @Test func `the iterations fill the time on a machine of known speed`() {
        #expect(iterations(perSecond: 4_000_000, seconds: 1) == 4_000_000)
        #expect(iterations(perSecond: 4_000_000, seconds: 2.5) == 10_000_000)
    }

    @Test func `the iterations stay between floor and ceiling, whatever the machine`() {
        #expect(iterations(perSecond: 100_000, seconds: 1) == 600_000)
        #expect(iterations(perSecond: 100_000_000, seconds: 1) == 20_000_000)
        #expect(iterations(perSecond: 4_000_000, seconds: 0) == 600_000)
        #expect(iterations(perSecond: 4_000_000, seconds: -1) == 600_000)
        #expect(iterations(perSecond: 4_000_000, seconds: .nan) == 600_000)
        #expect(iterations(perSecond: 4_000_000, seconds: .infinity) == 20_000_000)
        // A clock that stands still.
        #expect(KDFCalibration.iterations(seconds: 1, clock: { 7 }, run: { _ in }) == 20_000_000)
    }

    @Test func `a round that other programs slow down does not lower the cost`() {
        var now: UInt64 = 0
        var rounds = 0
        let iterations = KDFCalibration.iterations(
            seconds: 1, clock: { now },
            run: { iterations in
                rounds += 1
                // 250 ns an iteration, ten times that in every second round.
                now += UInt64(iterations) * (rounds.isMultiple(of: 2) ? 2_500 : 250)
            })
        #expect(iterations == 4_000_000)
    }

    @Test func `measuring takes less than a tenth of a second of a second's work`() {
        var now: UInt64 = 0
        _ = KDFCalibration.iterations(seconds: 1, clock: { now }, run: { now += UInt64($0) * 250 })
        #expect(now < 100_000_000)
    }

    @Test func `the passes fill the time, and the first pays for the memory`() {
        #expect(KDFCalibration.passes(seconds: 1, first: 0.2, both: 0.3) == 9)
        #expect(KDFCalibration.passes(seconds: 0.1, first: 0.2, both: 0.3) == 1)
        #expect(KDFCalibration.passes(seconds: 100, first: 0.2, both: 0.3) == 20)
        #expect(KDFCalibration.passes(seconds: .nan, first: 0.2, both: 0.3) == 1)
        // The second pass measured cheaper than nothing.
        #expect(KDFCalibration.passes(seconds: 1, first: 0.4, both: 0.3) == 9)
    }

    @Test func `this machine can be calibrated`() throws {
        for algorithm in [HashAlgorithm.sha256, .sha512] {
            let iterations = PBKDF2.calibrate(algorithm, seconds: 1)
            #expect(iterations >= KDFLimits.iterationsMinimum && iterations <= KDFLimits.iterationsMaximum)
        }
        let passes = try Argon2id.calibrate(seconds: 1)
        #expect(passes >= KDFLimits.argon2PassesMinimum && passes <= KDFLimits.argon2PassesMaximum)
    }

    private func iterations(perSecond rate: UInt64, seconds: Double) -> Int {
        var now: UInt64 = 5
        return KDFCalibration.iterations(
            seconds: seconds, clock: { now }, run: { now += UInt64($0) * 1_000_000_000 / rate })
    }
}
