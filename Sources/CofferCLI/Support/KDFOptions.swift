/// The options that choose what opening a vault costs (docs/format.md, "Key slot").
import ArgumentParser
import CofferCrypto
import CofferFormat

struct KDFOptions: ParsableArguments {
    @Option(
        name: .customLong("unlock-seconds"),
        help: ArgumentHelp("How long opening should take on this machine (default 1).", valueName: "seconds"))
    var unlockSeconds: Double?

    @Option(
        help: ArgumentHelp("pbkdf2-hmac-sha512 (default), pbkdf2-hmac-sha256 or argon2id.", valueName: "name"))
    var kdf: String?

    @Option(help: ArgumentHelp("Iterations (argon2id: passes) instead of a measurement.", valueName: "n"))
    var iterations: Int?

    static let defaultName = "pbkdf2-hmac-sha512"

    /// The KDF with its cost: measured, or as given and checked.
    ///
    /// - Parameters:
    ///   - present: The name of the KDF to stay with when none is asked for.
    ///   - isTest: Allows a cost below the floor.
    func makeKDF(present: String = defaultName, isTest: Bool = false) throws -> SlotKDF {
        switch kdf ?? present {
        case "pbkdf2-hmac-sha512":
            return .pbkdf2HMACSHA512(iterations: UInt32(try pbkdf2Iterations(.sha512, isTest)))
        case "pbkdf2-hmac-sha256":
            return .pbkdf2HMACSHA256(iterations: UInt32(try pbkdf2Iterations(.sha256, isTest)))
        case "argon2id":
            let passes = try iterations ?? Argon2id.calibrate(seconds: try checkedSeconds())
            let allowed = KDFLimits.argon2PassesMinimum...KDFLimits.argon2PassesMaximum
            guard allowed.contains(passes) else { throw outOfRange(allowed) }
            let memoryKiB = isTest ? 64 : KDFLimits.argon2MemoryDefaultKiB
            return .argon2id(passes: UInt32(passes), memoryKiB: UInt32(memoryKiB))
        default:
            throw CLIError.usage(
                why: "The option --kdf does not know that name.",
                remedy: "Use pbkdf2-hmac-sha512, pbkdf2-hmac-sha256 or argon2id.")
        }
    }

    private func pbkdf2Iterations(_ algorithm: HashAlgorithm, _ isTest: Bool) throws -> Int {
        guard let iterations else { return PBKDF2.calibrate(algorithm, seconds: try checkedSeconds()) }
        let allowed = (isTest ? 1 : KDFLimits.iterationsMinimum)...KDFLimits.iterationsMaximum
        guard allowed.contains(iterations) else { throw outOfRange(allowed) }
        return iterations
    }

    private func checkedSeconds() throws -> Double {
        let seconds = unlockSeconds ?? 1
        guard seconds > 0, seconds <= 60 else {
            throw CLIError.usage(
                why: "The option --unlock-seconds takes a number above 0, up to 60.", remedy: "Leave it out for 1.")
        }
        return seconds
    }

    private func outOfRange(_ allowed: ClosedRange<Int>) -> CLIError {
        .usage(
            why: "The option --iterations takes \(allowed.lowerBound) to \(allowed.upperBound) for this KDF.",
            remedy: "Leave it out to measure this machine; for tests only there is --unsafe-test-kdf.")
    }
}

/// Allows what only tests may have.
struct TestKDFOptions: ParsableArguments {
    @Flag(
        name: .customLong("unsafe-test-kdf"),
        help: "Allow a cost that protects nothing, for tests; every opening warns.")
    var isTest = false
}

extension SlotKDF {
    /// `pbkdf2-hmac-sha512, 1300000 iterations`.
    var text: String { costText.map { "\(name), \($0)" } ?? name }

    /// What one derivation costs; nil when there is none.
    var costText: String? {
        switch self {
        case .pbkdf2HMACSHA512(let iterations), .pbkdf2HMACSHA256(let iterations):
            iterations == 1 ? "1 iteration" : "\(iterations) iterations"
        case .argon2id(let passes, let memoryKiB):
            (passes == 1 ? "1 pass" : "\(passes) passes") + " over \(memoryKiB) KiB"
        case .none: nil
        }
    }
}
